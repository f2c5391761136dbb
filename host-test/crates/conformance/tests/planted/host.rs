//! A host on plain wasmtime, which may have a mistake.

use std::io::Read;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::timeout;
use wasmtime::component::{Component as Compiled, Linker, ResourceTable};
use wasmtime::{Config, Engine, ResourceLimiter, Store, Trap};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::http_client::{HttpClient, Inner};
use crate::mistakes::Mistake;

#[allow(missing_docs, unreachable_pub, reason = "generated from the contract")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../../wit/deps/bot-action",
        world: "component",
        exports: { default: async },
    });
}

use bindings::exports::bot::action::run as wit;
use bindings::{Component, ComponentPre};

/// How much a component may compute, in units of fuel: a fraction of a second.
const FUEL: u64 = 50_000_000;

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    client: HttpClient,
    memory: Memory,
}

/// The linear memory of a call, in bytes.
struct Memory {
    used: usize,
    limit: usize,
    is_limited_each: bool,
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = if self.is_limited_each {
            desired
        } else {
            self.used.saturating_add(desired - current)
        };
        let is_allowed = used <= self.limit;
        if is_allowed {
            self.used = used;
        }
        Ok(is_allowed)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 10_000)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            ctx: &mut self.http,
            table: &mut self.table,
            hooks: &mut self.client,
        }
    }
}

pub(crate) fn main(mistake: Option<Mistake>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let answer = runtime.unwrap().block_on(answer(mistake));
    if mistake == Some(Mistake::PrintsGarbage) {
        println!("loading the component");
    }
    println!("{answer}");
    ExitCode::SUCCESS
}

async fn answer(mistake: Option<Mistake>) -> Value {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let request: Value = serde_json::from_str(&text).unwrap();
    let host = match Host::load(mistake, &request) {
        Ok(host) => host,
        Err(error) => return json!({ "refused": error.to_string() }),
    };
    let mut kept = None;
    let mut results = Vec::new();
    for call in request["calls"].as_array().unwrap() {
        if mistake == Some(Mistake::LogsTheSecret) {
            eprintln!("calling {call}");
        }
        results.push(host.call(call, &mut kept).await);
    }
    json!({ "results": results })
}

struct Host {
    mistake: Option<Mistake>,
    engine: Engine,
    component: ComponentPre<State>,
    client: Arc<Inner>,
    limits: Value,
}

impl Host {
    fn load(mistake: Option<Mistake>, request: &Value) -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config
            .consume_fuel(true)
            .cache(wasmtime::Cache::new(wasmtime::CacheConfig::new()).ok());
        let engine = Engine::new(&config)?;
        let bytes = std::fs::read(request["component"].as_str().unwrap())?;
        let bytes = match mistake {
            Some(Mistake::LoadsText) => wat::parse_bytes(&bytes)?.into_owned(),
            _ => bytes,
        };
        wasmtime::ensure!(bytes.starts_with(b"\0asm"), "it is not WebAssembly");
        let component = Compiled::from_binary(&engine, &bytes)?;
        let mut linker = Linker::<State>::new(&engine);
        wasmtime_wasi_http::p2::add_to_linker_async(&mut linker)?;
        // The types of the exports are compared with those of an instance only.
        let mut traps = Linker::<()>::new(&engine);
        traps.define_unknown_imports_as_traps(&component)?;
        let mut store = Store::new(&engine, ());
        store.set_fuel(FUEL)?;
        let instance = traps.instantiate(&mut store, &component)?;
        if mistake != Some(Mistake::ComparesNoTypes) {
            Component::new(&mut store, &instance)?;
        }
        Ok(Self {
            mistake,
            component: ComponentPre::new(linker.instantiate_pre(&component)?)?,
            engine,
            client: Inner::new(mistake, request),
            limits: request["limits"].clone(),
        })
    }

    fn limit(&self, name: &str) -> u64 {
        self.limits[name].as_u64().unwrap()
    }

    fn store(&self) -> Store<State> {
        let memory = match self.mistake {
            Some(Mistake::LimitsNoMemory) => usize::MAX,
            _ => usize::try_from(self.limit("memory-bytes")).unwrap(),
        };
        let state = State {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
            http: WasiHttpCtx::new(),
            client: HttpClient::new(&self.client, self.limit("requests")),
            memory: Memory {
                used: 0,
                limit: memory,
                is_limited_each: self.mistake == Some(Mistake::LimitsEachMemory),
            },
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(match self.mistake {
            Some(Mistake::LimitsNoOutput) => usize::MAX,
            _ => usize::try_from(self.limit("output-bytes")).unwrap(),
        });
        store
            .set_fuel(match self.mistake {
                Some(Mistake::HasNoDeadline) => u64::MAX,
                _ => FUEL,
            })
            .unwrap();
        // A call that computes yields this often, so that the deadline can end it.
        store.fuel_async_yield_interval(Some(FUEL / 100)).unwrap();
        store
    }

    async fn call(&self, call: &Value, kept: &mut Option<(Store<State>, Component)>) -> Value {
        let arguments = call["arguments"].as_array().unwrap().iter().map(argument);
        let arguments: Vec<_> = arguments.collect();
        let running = async {
            let (mut store, component) = if let Some(kept) = kept.take() {
                kept
            } else {
                let mut store = self.store();
                let component = self.component.instantiate_async(&mut store).await?;
                (store, component)
            };
            let run = component.bot_action_run();
            let result = run
                .call_run(&mut store, call["action"].as_str().unwrap(), &arguments)
                .await;
            if self.mistake == Some(Mistake::ReusesTheInstance) {
                *kept = Some((store, component));
            }
            result
        };
        let deadline = match self.mistake {
            Some(Mistake::HasNoDeadline | Mistake::LeavesTimeToTheComponent) => {
                Duration::from_hours(1)
            }
            _ => Duration::from_millis(self.limit("deadline-ms")),
        };
        match timeout(deadline, running).await {
            Err(_) => json!({ "stopped": "deadline" }),
            Ok(Ok(Ok(success))) => json!({ "success": described(success) }),
            Ok(Ok(Err(_))) if self.mistake == Some(Mistake::HidesFailures) => {
                json!({ "success": { "outputs": {}, "session": null } })
            }
            Ok(Ok(Err(failure))) => {
                let mut failure = failed(&failure);
                match self.mistake {
                    Some(Mistake::DropsDetails) => failure["details"] = json!({}),
                    Some(Mistake::DropsMessages) => failure["message"] = json!(""),
                    _ => {}
                }
                json!({ "failure": failure })
            }
            Ok(Err(error)) if self.mistake == Some(Mistake::Crashes) && !is_out_of_fuel(&error) => {
                panic!("the component trapped: {error}")
            }
            Ok(Err(error)) => {
                let message = format!("{error:#}");
                let reason = if is_out_of_fuel(&error) {
                    "cpu"
                } else if message.contains("fuel allocated for hostcalls") {
                    "too-large"
                } else {
                    "trap"
                };
                json!({ "stopped": reason, "message": message })
            }
        }
    }
}

fn is_out_of_fuel(error: &wasmtime::Error) -> bool {
    error.downcast_ref() == Some(&Trap::OutOfFuel)
}

fn argument(argument: &Value) -> wit::Argument {
    let text = |of: &Value| of.as_str().unwrap().to_owned();
    let seconds = |of: &Value| {
        of["expires-in"]
            .as_u64()
            .map(|it| u32::try_from(it).unwrap())
    };
    let value = if argument["text"].is_string() {
        wit::Value::Text(text(&argument["text"]))
    } else if argument["secret"].is_string() {
        wit::Value::Secret(text(&argument["secret"]))
    } else if argument["token"].is_object() {
        let token = &argument["token"];
        wit::Value::Token(wit::BorrowedToken {
            url: text(&token["url"]),
            access_token: text(&token["access-token"]),
            token_type: text(&token["token-type"]),
            expires_in: seconds(token),
        })
    } else {
        let session = &argument["session"];
        wit::Value::Session(wit::Session {
            token: text(&session["token"]),
            token_type: text(&session["token-type"]),
            base_url: text(&session["base-url"]),
            expires_in: seconds(session),
        })
    };
    wit::Argument {
        name: text(&argument["name"]),
        value,
    }
}

fn described(success: wit::Success) -> Value {
    let session = |change, it: wit::Session| {
        json!({
            "change": change, "token": it.token, "token-type": it.token_type, "base-url": it.base_url,
            "expires-in": it.expires_in,
        })
    };
    let outputs: Map<_, _> = success
        .outputs
        .into_iter()
        .map(|it| (it.name, it.value.into()))
        .collect();
    json!({
        "outputs": outputs,
        "session": match success.session {
            wit::SessionChange::Unchanged => Value::Null,
            wit::SessionChange::Opened(it) => session("opened", it),
            wit::SessionChange::Replaced(it) => session("replaced", it),
            wit::SessionChange::Closed => json!({ "change": "closed" }),
        },
    })
}

fn failed(failure: &wit::Failure) -> Value {
    let details: Map<_, _> = failure
        .details
        .iter()
        .map(|it| (it.name.clone(), json!(it.value)))
        .collect();
    json!({
        "code": failure.code,
        "field": failure.field,
        "retry": match failure.retry {
            wit::Retry::Never => json!("never"),
            wit::Retry::Backoff => json!("backoff"),
            wit::Retry::NewToken => json!("new-token"),
            wit::Retry::After(seconds) => json!({ "after": seconds }),
        },
        "message": failure.message,
        "details": details,
    })
}
