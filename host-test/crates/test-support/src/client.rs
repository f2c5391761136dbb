//! A client for a [`Server`], and requests.

use bytes::Bytes;
use egress::{AllowList, Body, Client, Error, Options, Proxies, Timeouts, Trust};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::HOST;
use crate::https::Server;

/// Options that connect to `server`, trust only its CA and use no proxy.
pub fn options(server: &Server) -> Options {
    Options {
        gateway: Some(server.address().try_into().unwrap()),
        trust: Trust::Only(vec![server.ca().certificate()]),
        proxies: Proxies::None,
        ..Options::new(AllowList::parse([HOST]).unwrap())
    }
}

/// A client with these [`options`].
pub fn client(server: &Server) -> Client {
    Client::new(options(server)).unwrap()
}

/// A GET request without a body.
pub fn request(url: &str) -> Request<Empty<Bytes>> {
    Request::get(url).body(Empty::new()).unwrap()
}

/// Requests `url` and reads the response to its end.
///
/// # Errors
///
/// Those of [`Client::send`] and [`Body`].
pub async fn get(client: &Client, url: &str) -> Result<(StatusCode, Bytes), Error> {
    let answer = client.send(request(url), Timeouts::default()).await?;
    read(answer).await
}

/// Reads a response to its end.
///
/// # Errors
///
/// Those of [`Body`].
pub async fn read(answer: Response<Body>) -> Result<(StatusCode, Bytes), Error> {
    let (head, body) = answer.into_parts();
    Ok((head.status, body.collect().await?.to_bytes()))
}

/// Returns once the runtime has received everything that was sent to this process's sockets so far: it has to poll them to
/// deliver this byte.
pub async fn settle() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (mut near, (mut far, _)) = (near.unwrap(), far.unwrap());
    near.write_all(b"?").await.unwrap();
    far.read_exact(&mut [0]).await.unwrap();
    far.write_all(b"!").await.unwrap();
    near.read_exact(&mut [0]).await.unwrap();
}
