//! The hosts that an operator has to allow, region by region, and the requests that the components make there.

use anyhow::{Context as _, Result, ensure};
use oauth_authentication::environment::{HOSTS, hosts, region_label};
use serde_json::{Value, json};

/// The list, from what `bot-runner inspect --json` says of each component.
///
/// # Errors
///
/// If a component asks for a host that is not in the list.
pub(crate) fn of(components: &[(&str, Value)]) -> Result<Value> {
    let (mut regions, mut later) = (Vec::new(), Vec::new());
    for login in hosts("login") {
        let domain = login.trim_start_matches("login.");
        let mut region = json!({ "domain": domain });
        for label in HOSTS {
            region[label] = format!("{label}.{domain}").into();
        }
        if domain.starts_with('*') {
            later.push(region);
        } else {
            let label = region_label(&login);
            let (name, _) = label
                .split_once(' ')
                .with_context(|| format!("{domain} has no region"))?;
            region["region"] = name.into();
            regions.push(region);
        }
    }
    let mut requests = Vec::new();
    for (component, inspected) in components {
        for action in list(&inspected["actions"]) {
            for request in list(&action["requests"]) {
                requests.push(json!({
                    "component": component,
                    "action": action["name"],
                    "host": label_of(&request["hosts"])
                        .with_context(|| format!("{component}: {}", action["name"]))?,
                    "methods": request["methods"],
                    "paths": request["paths"],
                    "headers": request["headers"],
                }));
            }
        }
    }
    ensure!(!requests.is_empty(), "the components ask for no requests");
    Ok(json!({
        "port": 443,
        "regions": regions,
        "patterns-of-later-regions": later,
        "requests": requests,
    }))
}

/// Which host of each region a request is for.
fn label_of(requested: &Value) -> Result<&'static str> {
    let requested: Vec<_> = list(requested).filter_map(Value::as_str).collect();
    HOSTS
        .into_iter()
        .find(|label| hosts(label).eq(requested.iter().copied()))
        .with_context(|| format!("these are not the hosts of all regions: {requested:?}"))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use oauth_authentication::environment::hosts;
    use serde_json::json;

    #[test]
    fn a_region_has_its_three_hosts_and_a_request_names_one_of_them() {
        let request = json!({
            "hosts": hosts("api").collect::<Vec<_>>(),
            "methods": ["GET"], "paths": ["/a"], "headers": [],
        });
        let component = json!({ "actions": [{ "name": "get", "requests": [request] }] });
        let list = super::of(&[("users", component)]).unwrap();
        let region = list["regions"].as_array().unwrap().iter();
        let region = region.clone().find(|it| it["region"] == "eu-central-1");
        assert_eq!(
            region.unwrap(),
            &json!({
                "region": "eu-central-1",
                "domain": "mypurecloud.de",
                "login": "login.mypurecloud.de",
                "api": "api.mypurecloud.de",
                "apps": "apps.mypurecloud.de",
            })
        );
        assert_eq!(list["requests"][0]["host"], "api");
        assert_eq!(
            list["patterns-of-later-regions"][0]["login"],
            "login.*.pure.cloud"
        );
    }

    #[test]
    fn a_component_that_asks_for_another_host_is_an_error() {
        let request = json!({ "hosts": ["example.com"] });
        let component = json!({ "actions": [{ "name": "get", "requests": [request] }] });
        let error = super::of(&[("users", component)]).unwrap_err();
        assert!(format!("{error:#}").contains("example.com"), "{error:#}");
    }
}
