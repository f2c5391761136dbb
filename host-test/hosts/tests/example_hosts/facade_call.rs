//! A sign-in over the façade. The servers that its README names connect only to what a name resolves to; this one connects to
//! the embedded Genesys Cloud.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use test_peers::{Test, tests};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::Proxy;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::{
    Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks,
    WasiHttpView,
};

use super::composed::compose;
use super::fixture::Fixture;

pub(crate) const TESTS: &[Test] = tests![a_session_is_opened_over_the_facade];

async fn a_session_is_opened_over_the_facade() {
    let fixture = Fixture::new().await;
    let file = compose(&fixture, "facade");
    let mut config = Config::new();
    config.cache(Cache::new(CacheConfig::new()).ok());
    let engine = Engine::new(&config).unwrap();
    let facade = Component::from_file(&engine, &file).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi_http::p2::add_to_linker_async(&mut linker).unwrap();

    let state = State {
        table: ResourceTable::new(),
        wasi: WasiCtx::default(),
        http: WasiHttpCtx::new(),
        cloud: Cloud(fixture.http_addr()),
    };
    let mut store = Store::new(&engine, state);
    let body = fixture.opening().to_string();
    let request = http::Request::post("http://127.0.0.1/run/oauth-authenticate")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .unwrap();
    let (sender, response) = oneshot::channel();
    let (scheme, mut http) = (Scheme::Http, store.data_mut().http());
    let request = http.new_incoming_request(scheme, request).unwrap();
    let out = http.new_response_outparam(sender).unwrap();
    let proxy = Proxy::instantiate_async(&mut store, &facade, &linker)
        .await
        .unwrap();
    // The body of the response is read while the façade writes it.
    let calling = tokio::spawn(async move {
        let handler = proxy.wasi_http_incoming_handler();
        handler.call_handle(&mut store, request, out).await
    });
    let response = response.await.unwrap().unwrap();
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    calling.await.unwrap().unwrap();

    let answer: Value = serde_json::from_slice(&body).unwrap();
    let session = &answer["success"]["session"];
    assert_eq!(session["change"], "opened", "{answer}");
    assert_eq!(session["base-url"], "https://api.mypurecloud.de");
    assert!(session["token"].as_str().is_some_and(|it| !it.is_empty()));
    assert_eq!(fixture.opened_and_closed(), (1, 0));
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    cloud: Cloud,
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
            hooks: &mut self.cloud,
        }
    }
}

/// Sends each request to the embedded Genesys Cloud.
struct Cloud(SocketAddr);

type Sent = (
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<(), HttpError>> + Send>,
);

impl WasiHttpHooks for Cloud {
    fn send_request(
        &mut self,
        mut request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), HttpError>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, HttpError>> + Send> {
        let address = self.0;
        Box::new(async move {
            let stream = TcpStream::connect(address).await.unwrap();
            let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            let host = request.uri().host().unwrap().parse().unwrap();
            request.headers_mut().insert("host", host);
            let response = sender.send_request(request).await?;
            let body = |body: hyper::body::Incoming| body.map_err(HttpError::from).boxed_unsync();
            let done: Box<dyn Future<Output = _> + Send> = Box::new(async { Ok(()) });
            Ok((response.map(body), done))
        })
    }
}
