//! One keep-alive connection, and requests that are written once and sent many times.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// For an answer to arrive.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// The bytes of a request.
pub fn request(method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Vec<u8> {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let (kind, body) = match body {
        Some(body) => ("content-type: application/json\r\n", body.to_string()),
        None => ("", String::new()),
    };
    let length = if kind.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\nhost: bench.test\r\n{authorization}{kind}{length}\r\n{body}")
        .into_bytes()
}

pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

pub struct Answer<'a> {
    pub status: u16,
    /// Status line, headers and body as they came.
    pub whole: &'a [u8],
    pub body: &'a [u8],
}

impl Connection {
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, DEADLINE).context("nobody listens")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends a request and waits for the whole answer.
    pub fn exchange(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request)?;
        self.received.clear();
        let mut chunk = [0; 16 * 1024];
        loop {
            let read = self.stream.read(&mut chunk).context("no answer came in time")?;
            if read == 0 {
                bail!("the connection ended instead of an answer");
            }
            self.received.extend_from_slice(&chunk[..read]);
            if let Some(head) = Head::parse(&self.received)?
                && self.received.len() >= head.length + head.body
            {
                let whole = &self.received[..];
                return Ok(Answer { status: head.status, whole, body: &whole[head.length..] });
            }
        }
    }

    /// Like [`Self::exchange`], for one that must succeed and answers with JSON.
    pub fn ask(&mut self, request: &[u8]) -> Result<Value> {
        let answer = self.exchange(request)?;
        if !(200..300).contains(&answer.status) {
            bail!("answered {}: {}", answer.status, String::from_utf8_lossy(answer.body));
        }
        Ok(serde_json::from_slice(answer.body)?)
    }
}

#[derive(Debug, PartialEq)]
struct Head {
    status: u16,
    /// Of the head itself, the empty line included.
    length: usize,
    body: usize,
}

impl Head {
    /// `None` while it hasn't arrived whole.
    fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&bytes[..end])?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let length = lines.find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let status = status.context("an answer without a status")?;
        let body = length.context("an answer without content-length can't be measured")?;
        Ok(Some(Self { status, length: end + 4, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = b"HTTP/1.1 201 Created\r\nserver: x\r\nContent-Length: 12\r\n\r\nhello";
        let head = Head::parse(text).expect("it is well-formed");
        assert_eq!(head, Some(Head { status: 201, length: text.len() - 5, body: 12 }));
        assert_eq!(Head::parse(&text[..40]).expect("it may go on"), None);
    }

    #[test]
    fn an_answer_of_unknown_length_is_refused() {
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(Head::parse(b"nonsense\r\n\r\n").is_err());
    }

    #[test]
    fn a_request_says_how_long_its_body_is() {
        let bytes = request("POST", "/posts", Some("t"), Some(&serde_json::json!({"a": 1})));
        let text = String::from_utf8(bytes).expect("it is text");
        assert!(
            text.starts_with("POST /posts HTTP/1.1\r\n") && text.ends_with("\r\n\r\n{\"a\":1}"),
            "{text}"
        );
        assert!(
            text.contains("content-length: 7\r\n") && text.contains("authorization: Bearer t\r\n"),
            "{text}"
        );
        assert!(!String::from_utf8(request("GET", "/", None, None)).expect("text").contains("content-"));
    }
}
