//! What a component without the standard library must bring along: an allocator, and what a panic
//! does.
//!
//! The standard library formats the message of a panic, which nobody could read here: the component
//! has no output. Without it the component is a tenth smaller, and its list of imports cannot grow
//! by accident.

use core::panic::PanicInfo;

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

// SAFETY: a component of this contract is called by one thread at a time, and starts none.
#[allow(unsafe_code)]
#[global_allocator]
static ALLOCATOR: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };

/// Ends the call with a trap, which the host tells from every error of the contract.
#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
