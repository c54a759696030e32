//! A TCP connection that says what it wants, as slowly as it wants.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use super::within;

pub struct RawConnection(Box<dyn Stream>);

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl RawConnection {
    pub async fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.expect("the server accepts"))
    }

    /// Over a connection that the test has made.
    pub fn over(stream: impl Stream + 'static) -> Self {
        Self(Box::new(stream))
    }

    /// What is read and written from here on.
    pub fn into_stream(self) -> Box<dyn Stream> {
        self.0
    }

    pub async fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes()).await;
    }

    pub async fn write_bytes(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the connection is open");
    }

    /// Everything until the server closes the connection.
    pub async fn read_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        // A reset is an end too: what was said before it has been read.
        _ = within("the server to close the connection", self.0.read_to_end(&mut bytes)).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// One answer, head and body; the connection stays open. Nothing when it is closed instead.
    pub async fn read_answer(&mut self) -> Option<String> {
        self.read_until(is_whole).await
    }

    /// One answer to HEAD, and all that has come with it.
    pub async fn read_head(&mut self) -> Option<String> {
        self.read_until(|text| text.contains("\r\n\r\n")).await
    }

    /// Whether these bytes, called so, come before the server closes the connection.
    pub async fn hears(&mut self, what: &str, wanted: &[u8]) -> bool {
        let mut heard = Vec::new();
        while !heard.windows(wanted.len()).any(|bytes| bytes == wanted) {
            let read = within(what, self.0.read_buf(&mut heard)).await.unwrap_or(0);
            if read == 0 {
                return false;
            }
        }
        true
    }

    async fn read_until(&mut self, enough: impl Fn(&str) -> bool) -> Option<String> {
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while !enough(&text) {
            let read = within("an answer", self.0.read(&mut buffer)).await.unwrap_or(0);
            if read == 0 {
                return None;
            }
            text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        Some(text)
    }
}

/// The status line's number.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The body as JSON.
pub fn body(answer: &str) -> Value {
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or(Value::Null)
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}
