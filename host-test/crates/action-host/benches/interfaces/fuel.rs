//! The fuel that a call uses, which the host limits but does not report: about one unit for each WebAssembly instruction.

use action_host::OutgoingHttp;
use egress::Client;
use secrecy::ExposeSecret;
use wasmtime::component::{Component, InstancePre, Linker, ResourceTable};
use wasmtime::{Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::{ACTION, Calls, SESSION};

#[allow(missing_docs, unreachable_pub, reason = "generated from the contract")]
mod bindings {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "action",
        exports: { default: async },
    });

    pub(crate) mod typed {
        wasmtime::component::bindgen!({
            path: "wit",
            world: "typed",
            exports: { default: async },
        });
    }
}

use bindings::exports::bot::action::run;
use bindings::typed::exports::genesys::authentication::oauth;

/// The component in an engine that counts fuel.
pub(crate) struct Meter {
    client: Client,
    component: InstancePre<State>,
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    context: WasiHttpCtx,
    http: OutgoingHttp,
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
            hooks: &mut self.http,
            table: &mut self.table,
            ctx: &mut self.context,
        }
    }
}

impl Meter {
    pub(crate) fn new(client: Client) -> Self {
        let engine = Engine::new(Config::new().consume_fuel(true)).unwrap();
        let component = Component::from_binary(&engine, built_in_component::BYTES).unwrap();
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        Self {
            client,
            component: linker.instantiate_pre(&component).unwrap(),
        }
    }

    fn store(&self) -> Store<State> {
        let state = State {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().build(),
            context: WasiHttpCtx::new(),
            http: OutgoingHttp::new(self.client.clone(), 1),
        };
        let mut store = Store::new(self.component.engine(), state);
        store.set_fuel(u64::MAX).unwrap();
        store
    }

    /// What a call of `bot:action/run` uses, with its instance.
    pub(crate) async fn generic(&self, calls: &Calls) -> u64 {
        let secret = calls.account.secret.expose_secret();
        let argument = |(name, value): (&str, run::Value)| run::Argument {
            name: name.into(),
            value,
        };
        let text = |text: &str| run::Value::Text(text.into());
        let arguments = [
            ("authentication-type", text("client-credentials")),
            ("url", text(calls.url)),
            ("client-id", run::Value::Secret(calls.account.id.clone())),
            ("client-secret", run::Value::Secret(secret.into())),
            ("session-name", text(SESSION)),
        ]
        .map(argument);
        let mut store = self.store();
        let instance = self.component.instantiate_async(&mut store).await.unwrap();
        let interface = run::GuestIndices::new(&self.component).unwrap();
        let interface = interface.load(&mut store, &instance).unwrap();
        let called = interface.call_run(&mut store, ACTION, &arguments).await;
        calls.expect(called.unwrap().is_ok());
        u64::MAX - store.get_fuel().unwrap()
    }

    /// What a call of the typed interface uses, with its instance.
    pub(crate) async fn typed(&self, calls: &Calls) -> u64 {
        let credentials = oauth::ClientCredentials {
            url: calls.url.into(),
            client_id: calls.account.id.clone(),
            client_secret: calls.account.secret.expose_secret().into(),
        };
        let authentication = oauth::AuthenticationType::ClientCredentials(credentials);
        let mut store = self.store();
        let instance = self.component.instantiate_async(&mut store).await.unwrap();
        let interface = oauth::GuestIndices::new(&self.component).unwrap();
        let interface = interface.load(&mut store, &instance).unwrap();
        let called = interface
            .call_authenticate(&mut store, &authentication, SESSION)
            .await;
        calls.expect(called.unwrap().is_ok());
        u64::MAX - store.get_fuel().unwrap()
    }
}
