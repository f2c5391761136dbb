//! What commands for operators report, advise and ask is in the language of the reader.

use std::process::Command;

use tempfile::TempDir;

use crate::support::{
    CLIENT_ID, ControlRoom, Ended, Genesys, SECRET, bot_runner, sample, with_input,
};

/// Words of English results, of which German ones have none, apart from names.
const ENGLISH: [&str; 26] = [
    "is", "the", "cannot", "not", "of", "has", "this", "removed", "created", "changed", "with",
    "by", "none", "used", "refused", "roles", "owners", "signed", "granted", "can", "may", "no",
    "set", "valid", "found", "failed",
];

/// Commands for the Control Room, each with its exit status and a part of what it says. All read the same from standard
/// input.
const CONTROL_ROOM: &str = "\
0 user create ada => Benutzer ada erstellt; als erster Benutzer ist er Administrator
0 user create bob => `user grant` vergibt eine Rolle
0 user role create bots => Rolle bots erstellt
0 user grant ada bots => ada hat die Rolle bots
0 user revoke ada bots => ada hat die Rolle bots nicht mehr
0 user grant bob bots => bob hat die Rolle bots
0 user list => bob  Rollen: bots
0 user role list => bots  Locker: keine
0 password ada => ada kann sich jetzt mit diesem Kennwort anmelden
0 vault locker create genesys => Locker genesys erstellt; `vault locker allow`
0 vault locker forbid genesys bots => dürfen den Locker genesys nicht mehr verwenden
0 vault locker allow genesys bots => Benutzer mit der Rolle bots dürfen den Locker genesys verwenden
0 vault locker add-owner genesys bob => bob ist Besitzer des Lockers genesys
0 vault locker list => Besitzer: bob
0 vault locker remove-owner genesys bob => bob ist nicht mehr Besitzer des Lockers genesys
0 vault locker rename genesys Genesys => heißt jetzt Genesys
0 vault locker list => verwendbar mit Rolle: bots
0 vault credential create genesys/x => Anmeldedaten genesys/x erstellt
0 vault attribute set genesys/x/y --masked --password-only => Attribut genesys/x/y erstellt
0 vault attribute set genesys/x/y --masked => Attribut genesys/x/y geändert
0 vault credential list genesys => y: noch kein Wert, maskiert, nur Kennwort
0 vault value set genesys/x/y => Wert von genesys/x/y gesetzt
0 vault attribute set genesys/x/z --user-provided => Attribut genesys/x/z erstellt
0 vault value set genesys/x/z --as bob => Wert von genesys/x/z gesetzt (als bob)
0 vault credential list genesys => z: vom Benutzer bereitgestellt, 1 Wert
0 connection create prod --environment mypurecloud.de --grant authorization-code --client-id id --save-login-credentials \
=> Verbindung prod erstellt; `connection allow` gibt sie für eine Rolle frei
0 connection edit prod --scopes a => Verbindung prod geändert
0 connection allow prod bots => Benutzer mit der Rolle bots dürfen prod verwenden
0 connection forbid prod bots => dürfen prod nicht mehr verwenden
0 connection list => prod  gemeinsames Token: nicht angemeldet  Rollen: keine
0 connection show prod => Geheimer Clientschlüssel: gesetzt
1 connection test prod => Bei „prod“ hat sich noch niemand angemeldet.
1 connection sign-in nowhere --no-browser => Es gibt keine OAuth-Verbindung „nowhere“
0 audit --events --limit 1 => frühere Ereignisse zeigt --before
0 audit --events => erledigt    user-created  ada  vom Betreiber
0 control-room backup COPY => Kopie in COPY geschrieben
0 control-room restore COPY => aus COPY wiederhergestellt
0 control-room rotate-key => alle Geheimnisse mit einem neuen Schlüssel verschlüsselt
0 doctor => Warnung  cloud: nicht geprüft; nennen Sie Ihre Region
2 vault value remove genesys/x/y => Das entfernt den Wert von genesys/x/y.
0 vault value remove genesys/x/y --yes => Wert von genesys/x/y entfernt
2 vault attribute set genesys/x/z --user-provided=false => Das entfernt 1 Wert des Attributs genesys/x/z.
2 vault attribute remove genesys/x/z => Das entfernt das Attribut genesys/x/z und 1 Wert;
0 vault attribute remove genesys/x/z --yes => Attribut genesys/x/z entfernt
2 vault credential remove genesys/x => Das entfernt die Anmeldedaten x und 0 Werte;
0 vault credential remove genesys/x --yes => Anmeldedaten genesys/x entfernt
2 vault locker remove genesys => Das entfernt den Locker Genesys, darin keine Anmeldedaten;
0 vault locker remove genesys --yes => Locker Genesys entfernt
2 connection remove prod => Das entfernt die OAuth-Verbindung prod mit 1 Anmeldung und widerruft
0 connection remove prod --yes => Verbindung prod entfernt
2 user role remove bots => Das entfernt die Rolle bots; betroffen sind 1 Benutzer und der Zugriff auf 0 Einträge
0 user role remove bots --yes => Rolle bots entfernt
2 user remove bob => und alles, was ihm gehört: 0 Bots, 0 Läufe, 0 Werte und 0 Anmeldungen.
0 user remove bob --yes => Benutzer bob entfernt";

/// Commands that send requests to a simulation.
const WITH_REQUESTS: &str = "\
0 connection test prod => prod hat ein neues Token, gültig für 86
1 connection sign-in prod => Die Verbindung braucht keine Anmeldung
0 doctor --url eu-central-1 => verbunden, Zertifikat vertrauenswürdig, Antwort nach
0 doctor --url eu-central-1 => ok       Uhr: weicht höchstens eine Minute von der des Servers ab
1 doctor --url nowhere => Fehler   cloud nowhere: das ist keine Adresse von Genesys Cloud";

/// Commands for a folder with a component.
const COMPONENTS: &str = "\
0 component list => nicht freigegeben  sha256:
0 component show other => Ihre Aktionen:
0 component show other => POST an /oauth/token, mit Headern: authorization
0 component grant other => darf jetzt senden:
0 component list => other                    freigegeben        sha256:
0 component revoke other => other darf keine Anfragen mehr senden;";

/// Runs the commands of a table, and compares what they say.
fn assert_all_said(table: &str, input: &str, command: impl Fn(&str) -> Command) {
    for line in table.lines() {
        let (args, german) = line.split_once(" => ").unwrap();
        let (status, args) = args.split_once(' ').unwrap();
        assert_said(command(args), input, status.parse().unwrap(), german);
    }
}

/// Runs a command, whose output must have this text in it and no English.
fn assert_said(mut command: Command, input: &str, status: i32, german: &str) {
    command.args(["--locale", "de"]);
    let ended = with_input(&mut command, input);
    let said = ended.all();
    assert_eq!(ended.status, status, "{command:?}: {said}");
    assert!(said.contains(german), "{command:?}: {said}\n{german}");
    for word in said.split_whitespace() {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        assert!(!ENGLISH.contains(&word), "{command:?}: {word:?} in {said}");
    }
}

#[test]
fn the_results_of_commands_for_the_control_room_are_german() {
    let control_room = ControlRoom::new();
    let copy = control_room.beside("copy").display().to_string();
    let table = CONTROL_ROOM.replace("COPY", &copy);
    assert_all_said(&table, "a long password\n", |args| {
        control_room.command(args)
    });
}

#[test]
fn the_results_of_commands_with_requests_are_german() {
    let (genesys, control_room) = (Genesys::start(&[]), ControlRoom::filled());
    let create = format!(
        "connection create prod --environment mypurecloud.de --grant client-credentials --client-id {CLIENT_ID}"
    );
    let create = control_room.command(&create);
    assert_said(create, SECRET, 0, "Verbindung prod erstellt");
    let without_ca = |args: &str| {
        let mut command = control_room.command(args);
        command.args(["--gateway", genesys.gateway()]);
        command
    };
    let with_network = |args: &str| {
        let mut command = without_ca(args);
        command.arg("--ca-file").arg(genesys.ca_file());
        command
    };
    assert_all_said(WITH_REQUESTS, "", with_network);
    let inspected = without_ca("doctor --url eu-central-1");
    assert_said(inspected, "", 1, "nennen Sie ihre CA mit --ca-file");

    let mut run = with_network("run --as ada -q");
    run.arg(sample("hello-client.json"));
    assert_eq!(Ended::of(&mut run).status, 0);
    let uses = "verwendet   genesys/hello-bot/client-id  von ada, Bot";
    assert_said(control_room.command("audit"), "", 0, uses);
    let more = "frühere Einträge zeigt --before";
    assert_said(control_room.command("audit --limit 1"), "", 0, more);
}

#[test]
fn the_results_of_commands_for_components_are_german() {
    let folder = TempDir::new().unwrap();
    let mut export = bot_runner();
    export.args(["component", "export", "-o"]);
    let exported = Ended::of(export.arg(folder.path().join("other.wasm")));
    assert_eq!(exported.status, 0);
    assert_all_said(COMPONENTS, "", |args| {
        let mut command = bot_runner();
        command.args(args.split(' ')).arg("--components");
        command.arg(folder.path());
        command
    });
    let mut inspect = bot_runner();
    inspect.arg("inspect");
    assert_said(inspect, "", 0, "Größe    ");
}
