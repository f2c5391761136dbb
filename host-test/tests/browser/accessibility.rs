//! Runs `axe-core` on the current page. WebDriver injects it, which the page's content security policy does not prevent.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

use crate::browser::Browser;

/// Returns one line per finding: element, rule and help. Targets of less than 24 by 24 pixels are findings too.
const RUN: &str = "
    const done = arguments[0];
    const lines = (results, word) => results.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${word} ${id}: ${help}: ${html}: ${failureSummary}`));
    const rules = { 'target-size': { enabled: true } };
    const run = async () => {
        const { violations, incomplete } = await axe.run(document, { resultTypes: ['violations', 'incomplete'], rules });
        const found = lines(violations, 'violation');
        for (const { id, nodes } of incomplete) {
            for (const { target: [selector] } of nodes) {
                // axe-core cannot judge an element that its pane cuts off, so it is scrolled into view and checked again.
                document.querySelector(selector).scrollIntoView({ block: 'center' });
                const again = await axe.run(selector, { runOnly: [id] });
                found.push(...lines(again.violations, 'violation'), ...lines(again.incomplete, 'undecided'));
            }
        }
        return found;
    };
    run().then(done, (error) => done([String(error)]));
";

impl Browser {
    /// The violations that axe-core finds, and what it cannot decide.
    pub(crate) async fn accessibility(&self) -> Vec<String> {
        if self.evaluate("typeof axe").await == "undefined" {
            self.client.execute(axe(), Vec::new()).await.unwrap();
        }
        let findings = self.client.execute_async(RUN, Vec::new()).await.unwrap();
        let Value::Array(findings) = findings else {
            panic!("{findings}");
        };
        findings.iter().map(Value::to_string).collect()
    }
}

/// The source of `axe-core`.
fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let folder = test_peers::npm_folder(&crate::target());
        fs::read_to_string(folder.join("node_modules/axe-core/axe.min.js")).unwrap()
    })
}
