//! The forms of the actions, with texts in the requested language.
//!
//! The names are part of the contract: bot files and errors use them.

use crate::environment::hosts;
use crate::texts::{Locale, Text};
use crate::wit::{Action, ChoiceOption, Condition, Field, FieldKind, Request, SessionUse};
use crate::{token, tokens_me};

/// An action: its name in bot files, its texts in the list of actions, its fields, and what it does.
struct ActionSpec {
    name: &'static str,
    label: Text,
    description: Text,
    fields: &'static [FieldSpec],
    session: SessionUse,
    requests: &'static [RequestSpec],
}

/// Requests to the host of this label in all regions.
struct RequestSpec {
    host: &'static str,
    method: &'static str,
    path: &'static str,
}

/// A field. All fields are required.
struct FieldSpec {
    name: &'static str,
    label: Text,
    help: Text,
    kind: Kind,
    default: Option<&'static str>,
    /// The authentication type that the field belongs to, or `None` if it belongs to both.
    authentication_type: Option<&'static str>,
}

#[derive(Clone, Copy)]
enum Kind {
    AuthenticationType,
    Text,
    Credential,
    Secret,
    Connection,
    SessionName,
}

/// The action that opens a session.
pub(crate) const AUTHENTICATE: &str = "oauth-authenticate";
/// The action that closes one.
pub(crate) const DISCONNECT: &str = "disconnect";

pub(crate) const AUTHENTICATION_TYPE: &str = "authentication-type";
pub(crate) const CLIENT_CREDENTIALS: &str = "client-credentials";
pub(crate) const CONTROL_ROOM_CONNECTION: &str = "control-room-connection";
pub(crate) const CONNECTION: &str = "connection";
/// The member of a session with its address.
pub const BASE_URL: &str = "base-url";
pub(crate) const SESSION_NAME: &str = "session-name";
const DEFAULT_SESSION_NAME: &str = "Default";

const ACTIONS: [ActionSpec; 2] = [
    ActionSpec {
        name: AUTHENTICATE,
        label: Text::OauthAuthenticate,
        description: Text::OauthAuthenticateDescription,
        fields: &[
            FieldSpec {
                name: AUTHENTICATION_TYPE,
                label: Text::OauthAuthenticateAuthenticationType,
                help: Text::OauthAuthenticateAuthenticationTypeHelp,
                kind: Kind::AuthenticationType,
                default: Some(CLIENT_CREDENTIALS),
                authentication_type: None,
            },
            FieldSpec {
                name: "url",
                label: Text::OauthAuthenticateUrl,
                help: Text::OauthAuthenticateUrlHelp,
                kind: Kind::Text,
                default: None,
                authentication_type: Some(CLIENT_CREDENTIALS),
            },
            FieldSpec {
                name: "client-id",
                label: Text::OauthAuthenticateClientId,
                help: Text::OauthAuthenticateClientIdHelp,
                kind: Kind::Credential,
                default: None,
                authentication_type: Some(CLIENT_CREDENTIALS),
            },
            FieldSpec {
                name: "client-secret",
                label: Text::OauthAuthenticateClientSecret,
                help: Text::OauthAuthenticateClientSecretHelp,
                kind: Kind::Secret,
                default: None,
                authentication_type: Some(CLIENT_CREDENTIALS),
            },
            FieldSpec {
                name: CONNECTION,
                label: Text::OauthAuthenticateConnection,
                help: Text::OauthAuthenticateConnectionHelp,
                kind: Kind::Connection,
                default: None,
                authentication_type: Some(CONTROL_ROOM_CONNECTION),
            },
            FieldSpec {
                name: SESSION_NAME,
                label: Text::SessionName,
                help: Text::OauthAuthenticateSessionNameHelp,
                kind: Kind::SessionName,
                default: Some(DEFAULT_SESSION_NAME),
                authentication_type: None,
            },
        ],
        session: SessionUse::Opens,
        requests: &[
            RequestSpec {
                host: "login",
                method: "POST",
                path: token::PATH,
            },
            RequestSpec {
                host: "api",
                method: "HEAD",
                path: tokens_me::PATH,
            },
        ],
    },
    ActionSpec {
        name: DISCONNECT,
        label: Text::Disconnect,
        description: Text::DisconnectDescription,
        fields: &[FieldSpec {
            name: SESSION_NAME,
            label: Text::SessionName,
            help: Text::DisconnectSessionNameHelp,
            kind: Kind::SessionName,
            default: Some(DEFAULT_SESSION_NAME),
            authentication_type: None,
        }],
        session: SessionUse::Closes,
        requests: &[RequestSpec {
            host: "api",
            method: "DELETE",
            path: tokens_me::PATH,
        }],
    },
];

/// The actions of this component in the language of `locale`, otherwise in English.
pub fn actions(locale: &str) -> Vec<Action> {
    let locale = Locale::matching(locale);
    let text = |key| String::from(locale.text(key));
    let field = |spec: &FieldSpec| Field {
        name: spec.name.into(),
        label: text(spec.label),
        help: text(spec.help),
        kind: kind(spec.kind, locale),
        required: true,
        default: spec.default.map(Into::into),
        shown_when: spec.authentication_type.map(|value| Condition {
            field: AUTHENTICATION_TYPE.into(),
            value: value.into(),
        }),
    };
    let action = |spec: &ActionSpec| Action {
        name: spec.name.into(),
        path: vec![
            text(Text::GroupGenesys),
            text(Text::GroupAuthentication),
            text(spec.label),
        ],
        description: text(spec.description),
        fields: spec.fields.iter().map(field).collect(),
        session: spec.session,
        outputs: Vec::new(),
        // A token that is requested twice, or revoked twice, does no harm.
        repeatable: true,
        requests: spec.requests.iter().map(request).collect(),
    };
    ACTIONS.iter().map(action).collect()
}

fn request(spec: &RequestSpec) -> Request {
    Request {
        hosts: hosts(spec.host).collect(),
        methods: vec![spec.method.into()],
        paths: vec![spec.path.into()],
        headers: vec!["authorization".into()],
    }
}

/// The label of a field, or of a member of a connection or a session, by name.
pub fn label(name: &str) -> Option<Text> {
    match name {
        "access-token" => Some(Text::FieldAccessToken),
        "token-type" => Some(Text::FieldTokenType),
        "api-url" | BASE_URL => Some(Text::FieldApiUrl),
        "token" => Some(Text::FieldToken),
        _ => ACTIONS[0]
            .fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| field.label),
    }
}

fn kind(kind: Kind, locale: Locale) -> FieldKind {
    match kind {
        Kind::AuthenticationType => FieldKind::Choice(
            [
                (
                    CLIENT_CREDENTIALS,
                    Text::AuthenticationTypeClientCredentials,
                ),
                (
                    CONTROL_ROOM_CONNECTION,
                    Text::AuthenticationTypeControlRoomConnection,
                ),
            ]
            .into_iter()
            .map(|(value, label)| ChoiceOption {
                value: value.into(),
                label: locale.text(label).into(),
            })
            .collect(),
        ),
        Kind::Text => FieldKind::Text,
        Kind::Credential => FieldKind::Credential,
        Kind::Secret => FieldKind::Secret,
        Kind::Connection => FieldKind::OauthConnection,
        Kind::SessionName => FieldKind::SessionName,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_german_labels_are_those_of_the_seed_document() {
        let authenticate = &actions("de")[0];
        assert_eq!(
            authenticate.path,
            ["Genesys", "Authentifizierung", "OAuth-Authentifizierung"]
        );
        let labels: Vec<_> = authenticate
            .fields
            .iter()
            .map(|field| field.label.as_str())
            .collect();
        assert_eq!(
            labels,
            [
                "Authentifizierungstyp",
                "URL für die Genesys-Cloud-Umgebung",
                "Client-ID",
                "Geheimer Clientschlüssel",
                "OAuth-Verbindung",
                "Sitzungsname",
            ]
        );
        let FieldKind::Choice(options) = &authenticate.fields[0].kind else {
            panic!("a choice")
        };
        let options: Vec<_> = options.iter().map(|option| option.label.as_str()).collect();
        assert_eq!(
            options,
            [
                "OAuth2 – Client-Anmeldedaten",
                "Control Room-OAuth-Verbindung"
            ]
        );
    }

    #[test]
    fn names_are_the_same_in_every_language() {
        let names = |locale: &str| -> Vec<String> {
            let of_action = |action: Action| {
                let fields = action.fields.into_iter().map(|field| field.name);
                [action.name].into_iter().chain(fields).collect::<Vec<_>>()
            };
            actions(locale).into_iter().flat_map(of_action).collect()
        };
        assert_eq!(names("en"), names("de"));
    }

    #[test]
    fn a_field_is_shown_for_its_authentication_type() {
        let authenticate = &actions("en")[0];
        let shown: Vec<_> = authenticate
            .fields
            .iter()
            .map(|field| {
                field
                    .shown_when
                    .as_ref()
                    .map(|condition| condition.value.as_str())
            })
            .collect();
        let (client, connection) = (Some(CLIENT_CREDENTIALS), Some(CONTROL_ROOM_CONNECTION));
        assert_eq!(shown, [None, client, client, client, connection, None]);
    }
}
