//! What the tests have in common: a CA, a TLS server that answers as it is told, a proxy, a client,
//! what is traced.

mod ca;
mod log;
mod proxy;
mod server;

use bytes::Bytes;
use egress::{AllowList, Body, Client, Error, Options, Proxies, Timeouts, Trust};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) use ca::Ca;
pub(crate) use log::Log;
pub(crate) use proxy::Proxy;
pub(crate) use server::{Reply, Server};

/// The host that the tests ask, reached through a gateway.
pub(crate) const HOST: &str = "api.example.com";

/// The same as a URL.
pub(crate) const URL: &str = "https://api.example.com/path?query";

/// Options that lead to `server`, trust its CA alone and use no proxy.
pub(crate) fn options(server: &Server) -> Options {
    Options {
        gateway: Some(server.address().try_into().unwrap()),
        trust: Trust::Only(vec![server.ca().certificate()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::parse([HOST]).unwrap())
    }
}

/// A client with these [`options`].
pub(crate) fn client(server: &Server) -> Client {
    Client::new(options(server)).unwrap()
}

/// A GET request without a body.
pub(crate) fn request(url: &str) -> Request<Empty<Bytes>> {
    Request::get(url).body(Empty::new()).unwrap()
}

/// Asks for `url` and reads the answer to its end.
pub(crate) async fn get(client: &Client, url: &str) -> Result<(StatusCode, Bytes), Error> {
    let answer = client.send(request(url), Timeouts::default()).await?;
    read(answer).await
}

/// Reads an answer to its end.
pub(crate) async fn read(answer: Response<Body>) -> Result<(StatusCode, Bytes), Error> {
    let (head, body) = answer.into_parts();
    Ok((head.status, body.collect().await?.to_bytes()))
}

/// Returns when the runtime has seen all that the sockets of this process were sent so far: it has to look
/// at them to bring back this byte.
pub(crate) async fn settle() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (mut near, (mut far, _)) = (near.unwrap(), far.unwrap());
    near.write_all(b"?").await.unwrap();
    far.read_exact(&mut [0]).await.unwrap();
    far.write_all(b"!").await.unwrap();
    near.read_exact(&mut [0]).await.unwrap();
}
