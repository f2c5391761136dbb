//! The forms of the actions, with texts in the requested language.
//!
//! The names are part of the contract: bot files and errors use them.

use oauth_authentication::environment::hosts;
use oauth_authentication::wit::{
    Action, ChoiceOption, Field, FieldKind, Output, OutputKind, Request, SessionUse,
};

use crate::operation::{Operation, PATH};
use crate::texts::{Locale, Text};

pub(crate) const STATE: &str = "state";
pub(crate) const PAGE_SIZE: &str = "page-size";
pub(crate) const PAGE_NUMBER: &str = "page-number";
pub(crate) const USER_ID: &str = "user-id";
pub(crate) const NAME: &str = "name";
pub(crate) const EMAIL: &str = "email";
pub(crate) const DEPARTMENT: &str = "department";
pub(crate) const TITLE: &str = "title";
pub(crate) const SESSION_NAME: &str = "session-name";

/// The states of users that can be listed. The first is the default.
pub(crate) const STATES: [(&str, Text); 4] = [
    ("active", Text::StateActive),
    ("inactive", Text::StateInactive),
    ("deleted", Text::StateDeleted),
    ("any", Text::StateAny),
];

/// An action: its texts in the list of actions, its fields, and what it does.
struct ActionSpec {
    operation: Operation,
    label: Text,
    description: Text,
    fields: &'static [FieldSpec],
    outputs: &'static [OutputSpec],
    method: &'static str,
    path: &'static str,
}

struct FieldSpec {
    name: &'static str,
    label: Text,
    help: Text,
    kind: Kind,
    required: bool,
    default: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    State,
    SessionName,
}

struct OutputSpec {
    name: &'static str,
    label: Text,
    help: Text,
    kind: OutputKind,
}

const fn field(name: &'static str, label: Text, help: Text, required: bool) -> FieldSpec {
    FieldSpec {
        name,
        label,
        help,
        kind: Kind::Text,
        required,
        default: None,
    }
}

const fn output(name: &'static str, label: Text, help: Text, kind: OutputKind) -> OutputSpec {
    OutputSpec {
        name,
        label,
        help,
        kind,
    }
}

const SESSION: FieldSpec = FieldSpec {
    kind: Kind::SessionName,
    default: Some("Default"),
    ..field(SESSION_NAME, Text::SessionName, Text::SessionNameHelp, true)
};

const ID: FieldSpec = field(USER_ID, Text::UserId, Text::UserIdHelp, true);

/// The outputs that describe one user.
const USER: &[OutputSpec] = &[
    output("id", Text::OutputId, Text::OutputIdHelp, OutputKind::Text),
    output(
        "name",
        Text::OutputName,
        Text::OutputNameHelp,
        OutputKind::Text,
    ),
    output(
        "email",
        Text::OutputEmail,
        Text::OutputEmailHelp,
        OutputKind::Text,
    ),
    output(
        "state",
        Text::OutputState,
        Text::OutputStateHelp,
        OutputKind::Text,
    ),
    output(
        "user",
        Text::OutputUser,
        Text::OutputUserHelp,
        OutputKind::Json,
    ),
];

const ACTIONS: [ActionSpec; 4] = [
    ActionSpec {
        operation: Operation::List,
        label: Text::List,
        description: Text::ListDescription,
        fields: &[
            FieldSpec {
                kind: Kind::State,
                default: Some(STATES[0].0),
                ..field(STATE, Text::ListState, Text::ListStateHelp, true)
            },
            FieldSpec {
                default: Some("25"),
                ..field(PAGE_SIZE, Text::ListPageSize, Text::ListPageSizeHelp, false)
            },
            FieldSpec {
                default: Some("1"),
                ..field(
                    PAGE_NUMBER,
                    Text::ListPageNumber,
                    Text::ListPageNumberHelp,
                    false,
                )
            },
            SESSION,
        ],
        outputs: &[
            output(
                "users",
                Text::OutputUsers,
                Text::OutputUsersHelp,
                OutputKind::Json,
            ),
            output(
                "total",
                Text::OutputTotal,
                Text::OutputTotalHelp,
                OutputKind::Text,
            ),
        ],
        method: "GET",
        path: PATH,
    },
    ActionSpec {
        operation: Operation::Get,
        label: Text::Get,
        description: Text::GetDescription,
        fields: &[ID, SESSION],
        outputs: USER,
        method: "GET",
        path: "/api/v2/users/*",
    },
    ActionSpec {
        operation: Operation::Create,
        label: Text::Create,
        description: Text::CreateDescription,
        fields: &[
            field(NAME, Text::CreateName, Text::CreateNameHelp, true),
            field(EMAIL, Text::CreateEmail, Text::CreateEmailHelp, true),
            field(
                DEPARTMENT,
                Text::CreateDepartment,
                Text::OptionalHelp,
                false,
            ),
            field(TITLE, Text::CreateTitle, Text::OptionalHelp, false),
            SESSION,
        ],
        outputs: USER,
        method: "POST",
        path: PATH,
    },
    ActionSpec {
        operation: Operation::Delete,
        label: Text::Delete,
        description: Text::DeleteDescription,
        fields: &[ID, SESSION],
        outputs: &[],
        method: "DELETE",
        path: "/api/v2/users/*",
    },
];

/// The actions of this component in the language of `locale`, otherwise in English.
pub fn actions(locale: &str) -> Vec<Action> {
    let locale = Locale::matching(locale);
    ACTIONS.iter().map(|spec| action(spec, locale)).collect()
}

fn action(spec: &ActionSpec, locale: Locale) -> Action {
    let text = |key| String::from(locale.text(key));
    let field = |spec: &FieldSpec| Field {
        name: spec.name.into(),
        label: text(spec.label),
        help: text(spec.help),
        kind: kind(spec.kind, locale),
        required: spec.required,
        default: spec.default.map(Into::into),
        shown_when: None,
    };
    let output = |spec: &OutputSpec| Output {
        name: spec.name.into(),
        label: text(spec.label),
        help: text(spec.help),
        kind: spec.kind,
    };
    Action {
        name: spec.operation.name().into(),
        path: vec![
            text(Text::GroupGenesys),
            text(Text::GroupUsers),
            text(spec.label),
        ],
        description: text(spec.description),
        fields: spec.fields.iter().map(field).collect(),
        session: SessionUse::Uses,
        outputs: spec.outputs.iter().map(output).collect(),
        repeatable: spec.operation.is_repeatable(),
        requests: vec![Request {
            hosts: hosts("api").collect(),
            methods: vec![spec.method.into()],
            paths: vec![spec.path.into()],
            headers: vec!["authorization".into()],
        }],
    }
}

fn kind(kind: Kind, locale: Locale) -> FieldKind {
    match kind {
        Kind::Text => FieldKind::Text,
        Kind::SessionName => FieldKind::SessionName,
        Kind::State => FieldKind::Choice(
            STATES
                .iter()
                .map(|(value, label)| ChoiceOption {
                    value: (*value).into(),
                    label: locale.text(*label).into(),
                })
                .collect(),
        ),
    }
}

/// The label of a field by its name.
pub fn label(name: &str) -> Option<Text> {
    let mut fields = ACTIONS.iter().flat_map(|action| action.fields);
    let found = fields.find(|field| field.name == name)?;
    Some(found.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All names of an action, in their order.
    fn names(locale: &str) -> Vec<String> {
        let of_action = |action: Action| {
            let fields = action.fields.into_iter().map(|field| field.name);
            let outputs = action.outputs.into_iter().map(|output| output.name);
            let names = [action.name].into_iter().chain(fields).chain(outputs);
            names.collect::<Vec<_>>()
        };
        actions(locale).into_iter().flat_map(of_action).collect()
    }

    #[test]
    fn names_are_the_same_in_every_language() {
        assert_eq!(names("en"), names("de"));
        assert_eq!(
            names("en").join(" "),
            "list state page-size page-number session-name users total \
             get user-id session-name id name email state user \
             create name email department title session-name id name email state user \
             delete user-id session-name"
        );
    }

    #[test]
    fn the_actions_have_their_place_in_the_list() {
        let paths: Vec<_> = actions("de").iter().map(|it| it.path.join(" > ")).collect();
        assert_eq!(
            paths,
            [
                "Genesys > Benutzer > Benutzer auflisten",
                "Genesys > Benutzer > Benutzer abrufen",
                "Genesys > Benutzer > Benutzer anlegen",
                "Genesys > Benutzer > Benutzer löschen",
            ]
        );
        assert_eq!(actions("en")[0].path, ["Genesys", "Users", "List users"]);
    }

    #[test]
    fn every_action_uses_a_session_and_the_api_only() {
        for action in actions("en") {
            assert!(matches!(action.session, SessionUse::Uses));
            let sessions = action.fields.iter();
            let sessions = sessions.filter(|it| matches!(it.kind, FieldKind::SessionName));
            assert_eq!(sessions.count(), 1);
            assert_eq!(action.repeatable, action.name != "create");
            let [request] = action.requests.as_slice() else {
                panic!("one request")
            };
            assert!(request.hosts.iter().all(|host| host.starts_with("api.")));
            assert_eq!(request.headers, ["authorization"]);
        }
        let requests: Vec<_> = actions("en")
            .into_iter()
            .map(|it| format!("{} {}", it.requests[0].methods[0], it.requests[0].paths[0]))
            .collect();
        assert_eq!(
            requests,
            [
                "GET /api/v2/users",
                "GET /api/v2/users/*",
                "POST /api/v2/users",
                "DELETE /api/v2/users/*",
            ]
        );
    }
}
