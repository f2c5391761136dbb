//! The types of the host in TypeScript, which jco makes from the contract.

use std::fs;

use test_peers::{Test, tests};

use super::fixture::target;

pub(crate) const TESTS: &[Test] = tests![the_types_have_the_documentation_of_the_contract];

async fn the_types_have_the_documentation_of_the_contract() {
    let contract = hosts::contract().join("deps/bot-action");
    let types = hosts::typescript_folder(&target()).join("src/types/interfaces");
    for interface in ["form", "run"] {
        let wit = fs::read_to_string(contract.join(format!("{interface}.wit"))).unwrap();
        let types = types.join(format!("bot-action-{interface}.d.ts"));
        let types = fs::read_to_string(types).unwrap();
        let documentation = wit.lines().filter_map(|line| {
            // Without that of the interface and of the world, which are not indented.
            line.strip_prefix(' ')?.trim_start().strip_prefix("/// ")
        });
        for line in documentation {
            assert!(types.contains(line), "{interface}: {line}");
        }
    }
}
