//! Questions at a terminal: a secret is not echoed while it is typed, and a removal needs consent.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::pty::{OpenptyResult, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};
use tempfile::TempDir;

use crate::interrupt::{ready, servers, waiting_bot};
use crate::support::{CLIENT_ID, ControlRoom, Ended, Genesys, SECRET, bot_runner, sample, wrapped};

/// A command with a terminal of its own.
struct Terminal {
    keyboard: File,
    screen: File,
    slave: OwnedFd,
    child: Child,
    shown: String,
}

/// The command with the terminal on its standard input as its controlling terminal.
fn with_terminal(command: &Command) -> Command {
    let mut session = Command::new("setsid");
    session.args(["--ctty", "--wait"]);
    wrapped(session, command)
}

/// A terminal whose master end is not inherited: closing it here closes the terminal.
fn open_terminal() -> OpenptyResult {
    let terminal = openpty(None, None).unwrap();
    fcntl(&terminal.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
    terminal
}

/// Starts a command on a terminal. Dropping the first value closes the terminal.
fn on_terminal(command: &Command) -> (OwnedFd, Child) {
    let terminal = open_terminal();
    let child = with_terminal(command)
        .stdin(terminal.slave)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (terminal.master, child)
}

impl Terminal {
    fn of(command: &Command) -> Self {
        let terminal = open_terminal();
        let end = || Stdio::from(terminal.slave.try_clone().unwrap());
        let child = with_terminal(command)
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let keyboard = File::from(terminal.master);
        Self {
            screen: keyboard.try_clone().unwrap(),
            keyboard,
            slave: terminal.slave,
            child,
            shown: String::new(),
        }
    }

    /// Whether the terminal shows what is typed.
    fn echoes(&self) -> bool {
        let settings = tcgetattr(&self.slave).unwrap();
        settings
            .local_flags
            .contains(LocalFlags::ECHO | LocalFlags::ICANON)
    }

    /// Waits until the screen shows a text.
    fn wait_for(&mut self, text: &str) {
        let mut bytes = [0; 1000];
        while !self.shown.contains(text) {
            let count = self.screen.read(&mut bytes).unwrap();
            self.shown
                .push_str(str::from_utf8(&bytes[..count]).unwrap());
        }
    }

    /// Types at a hidden prompt. Waits until the echo is off: the terminal would show what is typed earlier.
    fn type_hidden(&mut self, prompt: &str, text: &str) {
        self.wait_for(prompt);
        self.shown.clear();
        while self.echoes() {
            thread::yield_now();
        }
        write!(self.keyboard, "{text}").unwrap();
    }

    /// How it ended, and the rest of what was shown.
    fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        // Without an open slave end, reading ends after the last output.
        drop(self.slave);
        let mut rest = Vec::new();
        let _ = self.screen.read_to_end(&mut rest);
        self.shown.push_str(str::from_utf8(&rest).unwrap());
        (status, self.shown)
    }
}

#[test]
fn typed_values_are_not_echoed() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    control_room.done("vault value remove genesys/hello-bot/client-secret --yes");
    let set = control_room.command("vault value set genesys/hello-bot/client-secret");
    let mut terminal = Terminal::of(&set);
    let prompt = "the value of genesys/hello-bot/client-secret (hidden): ";
    terminal.type_hidden(prompt, &format!("{SECRET}\n"));
    let (status, shown) = terminal.end();
    assert!(status.success(), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");

    let mut run = genesys.command("run");
    run.arg(sample("hello-client.json"))
        .args(["--as", "ada", "--data"])
        .arg(control_room.data());
    let ended = Ended::of(&mut run);
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

#[test]
fn an_interruption_at_a_hidden_prompt_restores_the_echo() {
    let control_room = ControlRoom::filled();
    let set = control_room.command("vault value set genesys/hello-bot/client-secret");
    for interruption in ["\u{3}", "kill -TERM", "kill -HUP", "kill -QUIT"] {
        let mut terminal = Terminal::of(&set);
        let is_kill = interruption.starts_with("kill");
        let typed = if is_kill { "" } else { interruption };
        terminal.type_hidden("(hidden): ", typed);
        if is_kill {
            // setsid started it, and is its parent or has become it.
            let of_terminal = format!(
                "pid=$(ps -o pid= --ppid {0}); {interruption} ${{pid:-{0}}}",
                terminal.child.id()
            );
            let sent = Command::new("sh").args(["-c", &of_terminal]).status();
            assert!(sent.unwrap().success());
        }
        let status = terminal.child.wait().unwrap();
        assert_eq!(status.code(), Some(130), "{interruption:?}");
        assert!(terminal.echoes(), "{interruption:?}");
    }
}

#[test]
fn a_password_is_asked_for_twice() {
    let control_room = ControlRoom::filled();
    let password = control_room.command("password ada");
    for (again, succeeds) in [(SECRET, true), ("another-password", false)] {
        let mut terminal = Terminal::of(&password);
        terminal.type_hidden("the password of ada (hidden): ", &format!("{SECRET}\n"));
        terminal.type_hidden(
            "the password of ada again (hidden): ",
            &format!("{again}\n"),
        );
        let (status, shown) = terminal.end();
        assert_eq!(status.success(), succeeds, "{shown}");
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn a_removal_is_asked_for() {
    let control_room = ControlRoom::filled();
    let remove = control_room.command("vault locker remove genesys");
    for (answer, is_removed) in [("", false), ("n", false), ("yes", true)] {
        let mut terminal = Terminal::of(&remove);
        terminal.wait_for("This cannot be undone. Remove it? [y/N]");
        writeln!(terminal.keyboard, "{answer}").unwrap();
        let (status, shown) = terminal.end();
        assert_eq!(status.success(), is_removed, "{shown}");
        let lockers = control_room.run("vault locker list").stdout;
        assert_eq!(lockers.is_empty(), is_removed, "{shown}");
    }
}

#[test]
fn a_bot_whose_terminal_is_closed_closes_its_sessions() {
    let genesys = Genesys::start(&["--tokens-per-minute", "1"]);
    let (terminal, mut child) = on_terminal(&waiting_bot(&genesys));
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("Attempt 1 failed") {
        assert_ne!(stdout.read_line(&mut seen).unwrap(), 0, "{seen}");
    }
    drop(terminal);
    stdout.read_to_string(&mut seen).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let closed = "Session “First” was left open and has been closed.";
    assert!(seen.contains(closed), "{seen}");
}

#[test]
fn what_serves_ends_well_if_its_terminal_is_closed() {
    let control_room = ControlRoom::filled();
    for (command, of_stderr) in servers(&control_room) {
        let (terminal, mut child) = on_terminal(&command);
        assert_ne!(ready(&mut child, of_stderr), "", "{command:?}");
        drop(terminal);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{command:?}");
    }
}

/// `bot-runner init` in a folder, with a Control Room in it.
fn init(folder: &TempDir) -> Command {
    let mut init = bot_runner();
    init.args(["init", "--as", "ada", "--data"])
        .arg(folder.path().join("data"))
        .arg(folder.path().join("bots"));
    init
}

#[test]
fn a_first_bot_is_made_from_answers_and_wrong_ones_are_asked_again() {
    let (genesys, folder) = (Genesys::start(&[]), TempDir::new().unwrap());
    let mut terminal = Terminal::of(init(&folder).env("LC_ALL", "de_DE.UTF-8"));
    for (question, answer) in [
        ("Der Name des Bots:", ""),
        (": Das Feld ist leer.", "Hallo"),
        ("Die Region von Genesys Cloud", "eu-central-9"),
        ("diese Region gibt es nicht", "eu-central-1"),
        ("Die Client-ID", CLIENT_ID),
        ("Wo die Anmeldedaten liegen", "irgendwo"),
        ("erwartet wird control-room oder environment", ""),
        ("Der Name der Sitzung", ""),
    ] {
        terminal.wait_for(question);
        terminal.shown.clear();
        writeln!(terminal.keyboard, "{answer}").unwrap();
    }
    terminal.type_hidden(
        "der geheime Clientschlüssel (verborgen): ",
        &format!("{SECRET}\n"),
    );
    let (status, shown) = terminal.end();
    assert!(status.success(), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("So führen Sie ihn aus:"), "{shown}");
    let mut run = genesys.command("run");
    run.arg(folder.path().join("bots/hallo.json"))
        .args(["--as", "ada", "--data"])
        .arg(folder.path().join("data"));
    let ended = Ended::of(&mut run);
    assert_eq!(ended.status, 0, "{}", ended.all());
    assert!(
        ended.stdout.contains("Hallo, Example Company"),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_interruption_of_the_questions_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let options = [
        "--name",
        "Hello",
        "--region",
        "eu-central-1",
        "--client-id",
        "id",
    ];
    for (more, question) in [
        (&[][..], "Where the credentials are kept"),
        (
            &["--form", "control-room", "--session-name", "S"],
            "the client secret (hidden): ",
        ),
    ] {
        let mut terminal = Terminal::of(init(&folder).args(options).args(more));
        if question.contains("hidden") {
            terminal.type_hidden(question, "\u{3}");
        } else {
            terminal.wait_for(question);
            write!(terminal.keyboard, "\u{3}").unwrap();
        }
        let (status, shown) = terminal.end();
        assert_eq!(status.code(), Some(130), "{shown}");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{shown}");
    }
}
