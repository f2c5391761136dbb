//! Runs `axe-core` on the current page. WebDriver injects it, which the page's content security policy does not prevent.

use std::fs;
use std::sync::OnceLock;

use serde_json::Value;

use crate::browser::Browser;

/// One line per finding: element, rule and help. Targets of less than 24 by 24 pixels are findings too. Null if axe-core is not
/// on the page yet.
pub(crate) const FINDINGS: &str = "(async () => {
    if (typeof axe === 'undefined') {
        return null;
    }
    const lines = (results, word) => results.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${word} ${id}: ${help}: ${html}: ${failureSummary}`));
    const rules = { 'target-size': { enabled: true } };
    try {
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
    } catch (error) {
        return [String(error)];
    }
})()";

impl Browser {
    /// The violations that axe-core finds, and what it cannot decide.
    pub(crate) async fn accessibility(&self) -> Vec<String> {
        let Value::Array(findings) = self.with_axe(FINDINGS).await else {
            panic!("no findings");
        };
        findings.iter().map(Value::to_string).collect()
    }

    /// The value of an expression that is null as long as axe-core is not on the page.
    pub(crate) async fn with_axe(&self, expression: &str) -> Value {
        let value = self.evaluate(expression).await;
        if value != Value::Null {
            return value;
        }
        self.client.execute(axe(), Vec::new()).await.unwrap();
        self.evaluate(expression).await
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
