//! What a component says of its actions is checked before anything relies on it.

use bot_engine::action::form::{Action, Field};
use bot_engine::action::{ChoiceOption, Condition, FieldKind, Request, SessionUse};
use bot_engine::{Catalogue, CatalogueError, Language};

use crate::forms::{
    acme, action, catalogue, component, field, genesys, load, load_in_two_languages, session_name,
};

fn problem(action: Action) -> String {
    refused("acme", load(vec![(component("acme", &[]), vec![action])]))
}

/// What is wrong with this component.
fn refused(name: &str, loaded: Result<Catalogue, CatalogueError>) -> String {
    match loaded {
        Err(CatalogueError::Invalid { component, fault }) => {
            assert_eq!(&*component, name);
            fault.message(Language::English)
        }
        other => panic!("{other:?}"),
    }
}

fn with_field(field: Field) -> String {
    problem(action("test", SessionUse::None, vec![field]))
}

#[test]
fn actions_are_named_after_their_component_in_every_language() {
    for language in Language::ALL {
        let forms = catalogue().forms(language).iter();
        let names: Vec<_> = forms.map(|form| form.name.to_string()).collect();
        assert_eq!(
            names,
            [
                "genesys/oauth-authenticate",
                "genesys/disconnect",
                "acme/create-user",
                "acme/delete-user",
                "genesys/api-request",
                "log",
                "run-bot",
            ]
        );
    }
}

#[test]
fn the_engine_adds_fields_where_they_apply() {
    let fields = |action: &str| -> Vec<_> {
        let form = catalogue().form(action).unwrap();
        form.fields.iter().map(|it| it.name.clone()).collect()
    };
    let of_oauth = fields("genesys/oauth-authenticate");
    assert_eq!(
        of_oauth[4..],
        ["connection", "token-type", "session-name", "session"]
    );
    assert_eq!(fields("genesys/disconnect"), ["session-name"]);
    assert_eq!(
        fields("acme/create-user"),
        ["session-name", "name", "title", "output"]
    );
}

#[test]
fn an_action_cannot_shadow_another_one() {
    let (info, mut actions) = genesys();
    actions.push(action("api-request", SessionUse::None, Vec::new()));
    let said = refused("genesys", load(vec![(info, actions)]));
    assert!(said.contains("\"genesys/api-request\""), "{said}");
    let (info, mut actions) = acme();
    actions.push(actions[0].clone());
    let said = refused("acme", load(vec![(info, actions)]));
    assert!(said.contains("\"acme/create-user\""), "{said}");
}

#[test]
fn the_forms_of_an_action_differ_between_languages_by_their_texts_alone() {
    let of = |actions| vec![(component("acme", &[]), actions)];
    let english = action("test", SessionUse::None, vec![field("a", FieldKind::Text)]);
    let mut translated = english.clone();
    translated.fields[0].label = "anders".into();
    load_in_two_languages(of(vec![english.clone()]), of(vec![translated])).unwrap();

    let other_field = action("test", SessionUse::None, vec![field("b", FieldKind::Text)]);
    let not_repeatable = Action {
        repeatable: false,
        ..english.clone()
    };
    for other in [other_field, not_repeatable] {
        let loaded = load_in_two_languages(of(vec![english.clone()]), of(vec![other]));
        let said = refused("acme", loaded);
        assert!(said.contains("\"acme/test\": its form differs"), "{said}");
    }
    let two = vec![english.clone(), action("more", SessionUse::None, vec![])];
    for (english, german) in [(vec![english.clone()], two.clone()), (two, vec![english])] {
        let said = refused("acme", load_in_two_languages(of(english), of(german)));
        assert!(said.contains("\"acme/more\": it does not exist"), "{said}");
    }
}

#[test]
fn invalid_fields_are_rejected() {
    for name in [
        "",
        "Name",
        "a b",
        "a--b",
        "-a",
        "a/b",
        "\u{fc}",
        &"a".repeat(65),
    ] {
        assert!(
            with_field(field(name, FieldKind::Text)).contains("kebab case"),
            "{name}"
        );
    }
    for reserved in [
        "action",
        "step-name",
        "comment",
        "disabled",
        "token-type",
        "session",
        "output",
    ] {
        assert!(
            with_field(field(reserved, FieldKind::Text)).contains("is taken"),
            "{reserved}"
        );
    }
    let bad_text = Field {
        label: "a\u{1b}[2Jb".into(),
        ..field("a", FieldKind::Text)
    };
    assert!(with_field(bad_text).contains("control characters"));
    assert!(with_field(field("a", FieldKind::Choice(Vec::new()))).contains("options"));
    let option = ChoiceOption {
        value: "x".into(),
        label: "x".into(),
    };
    let with_default = |kind| Field {
        default: Some("y".into()),
        ..field("a", kind)
    };
    assert!(with_field(with_default(FieldKind::Choice(vec![option]))).contains("default"));
    assert!(with_field(with_default(FieldKind::Secret)).contains("default"));
    let on_nothing = Field {
        shown_when: Some(Condition {
            field: "later".into(),
            value: "x".into(),
        }),
        ..field("a", FieldKind::Text)
    };
    assert!(with_field(on_nothing).contains("condition"));
}

#[test]
fn an_action_has_a_session_field_if_and_only_if_it_needs_one() {
    let second = Field {
        name: "b".into(),
        ..session_name()
    };
    for (session, fields) in [
        (SessionUse::None, vec![session_name()]),
        (SessionUse::Uses, Vec::new()),
        (SessionUse::Opens, vec![session_name(), second]),
    ] {
        let said = problem(action("test", session, fields));
        assert!(said.contains("session"), "{said}");
    }
}

#[test]
fn lists_and_texts_are_limited() {
    let fields = (0..101).map(|it| field(&format!("f{it}"), FieldKind::Text));
    assert!(problem(action("test", SessionUse::None, fields.collect())).contains("100"));
    let long = Action {
        description: "x".repeat(1001),
        ..action("test", SessionUse::None, Vec::new())
    };
    assert!(problem(long).contains("1000 characters"));
    let request = Request {
        hosts: vec!["x.example".into(); 101],
        methods: Vec::new(),
        paths: Vec::new(),
        headers: Vec::new(),
    };
    let many_hosts = Action {
        requests: vec![request],
        ..action("test", SessionUse::None, Vec::new())
    };
    assert!(problem(many_hosts).contains("100"));
    let actions = (0..101).map(|it| action(&format!("a{it}"), SessionUse::None, Vec::new()));
    assert!(load(vec![(component("acme", &[]), actions.collect())]).is_err());
}

#[test]
fn an_action_changes_something_unless_its_form_says_that_it_only_reads() {
    let form = |name: &str, repeatable, method: &str| Action {
        repeatable,
        requests: vec![Request {
            hosts: vec!["api.mypurecloud.de".into()],
            methods: vec!["GET".into(), method.into()],
            paths: vec!["/api/v2/users".into()],
            headers: Vec::new(),
        }],
        ..action(name, SessionUse::Uses, vec![session_name()])
    };
    let actions = vec![
        form("get", true, "HEAD"),
        form("delete", true, "DELETE"),
        form("create", false, "POST"),
        form("roll", false, "GET"),
    ];
    let catalogue = load(vec![genesys(), (component("acme", &[]), actions)]).unwrap();
    for (name, expected) in [
        ("acme/get", false),
        ("acme/delete", true),
        ("acme/create", true),
        ("acme/roll", true),
        ("genesys/oauth-authenticate", false),
        ("genesys/disconnect", false),
        ("genesys/api-request", false),
        ("log", false),
    ] {
        let form = catalogue.form(name).unwrap();
        assert_eq!(form.changes_something(), expected, "{name}");
    }
}

#[test]
fn texts_of_the_engines_own_steps_take_placeholders() {
    let takes = |action: &str| {
        let fields = catalogue().form(action).unwrap().fields.iter();
        let takes = fields.filter(|field| field.takes_placeholders());
        takes.map(|field| field.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(takes("log"), ["message"]);
    assert_eq!(takes("genesys/api-request"), ["path", "body", "headers"]);
    assert_eq!(takes("acme/create-user"), [""; 0]);
}
