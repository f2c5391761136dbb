//! Whether this process was started without a standard output (`>&-`).
//!
//! Before `main`, the standard library opens `/dev/null` in place of a standard stream that is closed, so that no file that is
//! opened later gets its number. Whatever is printed is then lost without an error. So this looks before that.

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rustix::io::fcntl_getfd;

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether standard output was closed when the process started.
pub(crate) fn is_closed() -> bool {
    IS_CLOSED.load(Relaxed)
}

/// A function that the system calls before `main`.
#[expect(
    unsafe_code,
    reason = "nothing in the standard library runs this early"
)]
#[used]
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func")
)]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
static LOOK: extern "C" fn() = {
    extern "C" fn look() {
        // SAFETY: the descriptor is only looked at, which is allowed even if it is closed.
        let output = unsafe { BorrowedFd::borrow_raw(1) };
        IS_CLOSED.store(fcntl_getfd(output).is_err(), Relaxed);
    }
    look
};
