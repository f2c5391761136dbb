//! A server that accepts, reads the request and never answers.

use tokio::io::AsyncReadExt;

use super::server::listen;

/// The argument that makes this program the server.
pub(crate) const CHILD: &str = "--silent-server";

/// Runs until it is killed.
pub(crate) async fn serve() -> anyhow::Result<()> {
    let (listener, tls) = listen(&[]).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let tls = tls.clone();
        tokio::spawn(async move {
            let mut stream = tls.accept(stream).await?;
            let mut buffer = [0; 1024];
            while stream.read(&mut buffer).await? > 0 {}
            std::io::Result::Ok(())
        });
    }
}
