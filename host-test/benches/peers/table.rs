//! The table, as Markdown, and what is to be said beside it.

/// One line of the table.
pub(crate) struct Row {
    what: String,
    ours: String,
    peer: String,
    ratio: String,
    target: String,
    /// None where there is nothing to reach.
    reached: Option<bool>,
}

impl Row {
    /// A figure that stands for itself.
    pub(crate) fn alone(
        what: impl Into<String>,
        ours: impl Into<String>,
        target: impl Into<String>,
        reached: bool,
    ) -> Self {
        Self {
            what: what.into(),
            ours: ours.into(),
            peer: String::new(),
            ratio: String::new(),
            target: target.into(),
            reached: Some(reached),
        }
    }

    /// A figure that stands for itself, without anything to reach.
    pub(crate) fn figure(what: &str, ours: Figure) -> Self {
        Self {
            reached: None,
            ..Self::alone(what, ours.text(), "", true)
        }
    }

    /// Ours divided by the peer's, which is to be no more than `most`.
    pub(crate) fn at_most(what: &str, ours: Figure, peer: Figure, most: f64) -> Self {
        let ratio = ours.value / peer.value;
        Self::compared(what, ours, peer, ratio, format!("≤ {most}"), ratio <= most)
    }

    /// Ours divided by the peer's, without anything to reach.
    pub(crate) fn beside(what: &str, ours: Figure, peer: Figure) -> Self {
        let ratio = ours.value / peer.value;
        Self {
            reached: None,
            ..Self::compared(what, ours, peer, ratio, String::new(), true)
        }
    }

    /// Ours divided by the peer's, which is to be no less than `least`.
    pub(crate) fn at_least(what: &str, ours: Figure, peer: Figure, least: f64) -> Self {
        let ratio = ours.value / peer.value;
        Self::compared(
            what,
            ours,
            peer,
            ratio,
            format!("≥ {least}"),
            ratio >= least,
        )
    }

    /// How many times ours goes into the peer's, which is to be no less than `times`.
    pub(crate) fn times(what: &str, ours: Figure, peer: Figure, times: f64) -> Self {
        let ratio = peer.value / ours.value;
        Self::compared(
            what,
            ours,
            peer,
            ratio,
            format!("≥ {times} times less"),
            ratio >= times,
        )
    }

    fn compared(
        what: &str,
        ours: Figure,
        peer: Figure,
        ratio: f64,
        target: String,
        reached: bool,
    ) -> Self {
        Self {
            what: what.into(),
            ours: ours.text(),
            peer: peer.text(),
            ratio: if ratio < 0.1 {
                format!("{ratio:.4}")
            } else {
                format!("{ratio:.2}")
            },
            target,
            reached: Some(reached),
        }
    }
}

/// A number with its unit.
#[derive(Clone, Copy)]
pub(crate) struct Figure {
    value: f64,
    unit: &'static str,
}

impl Figure {
    pub(crate) fn new(value: f64, unit: &'static str) -> Self {
        Self { value, unit }
    }

    fn text(self) -> String {
        let Self { value, unit } = self;
        if value < 1000.0 {
            format!("{value:.1} {unit}")
        } else {
            format!("{value:.0} {unit}")
        }
    }
}

/// Everything that was measured.
pub(crate) struct Table {
    quick: bool,
    rows: Vec<Row>,
    notes: Vec<String>,
    left_out: Vec<String>,
}

impl Table {
    pub(crate) fn new(quick: bool) -> Self {
        Self {
            quick,
            rows: Vec::new(),
            notes: Vec::new(),
            left_out: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("  {}: {} ({})", row.what, row.ours, row.target);
        self.rows.push(row);
    }

    /// A figure beside the table.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// A row that there is not, and why.
    pub(crate) fn leave_out(&mut self, what: impl Into<String>) {
        let what = what.into();
        eprintln!("LEFT OUT: {what}");
        self.left_out.push(what);
    }

    pub(crate) fn print(&self) {
        println!(
            "\n| what | ours | peer | ratio | to reach | reached |\n|---|---|---|---|---|---|"
        );
        for row in &self.rows {
            let reached = match row.reached {
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "",
            };
            println!(
                "| {} | {} | {} | {} | {} | {reached} |",
                row.what, row.ours, row.peer, row.ratio, row.target
            );
        }
        println!();
        for note in &self.notes {
            println!("- {note}");
        }
        for what in &self.left_out {
            println!("- LEFT OUT: {what}");
        }
        if self.quick {
            println!("- QUICK: so few repetitions that the figures mean nothing");
        }
    }
}
