//! One Socket.IO client over one WebSocket.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{http, websocket};

pub struct Socket {
    pub stream: TcpStream,
    received: Vec<u8>,
}

impl Socket {
    /// Connects, and waits until the server has accepted the token.
    pub fn open(address: SocketAddr, token: &str) -> Result<Self> {
        let mut socket = Self::bare(address)?;
        socket.stream.write_all(websocket::UPGRADE.as_bytes())?;
        socket.greeting()?;
        socket.send(&format!("40{}", json!({ "token": token })))?;
        let (answer, _) = socket.packet_that(|packet| packet.starts_with("4"))?;
        if !answer.starts_with("40") {
            bail!("the socket was refused: {answer}");
        }
        Ok(socket)
    }

    /// A connection on which frames arrive without anything having been said before.
    pub fn bare(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, http::DEADLINE).context("nobody listens")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(http::DEADLINE))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Emits an event and waits for its acknowledgement, which must be good.
    pub fn ask(&mut self, event: &str, payload: &Value) -> Result<()> {
        self.answer(event, payload).map(drop)
    }

    /// The same; returns the acknowledgement's frame as it travelled.
    pub fn answer(&mut self, event: &str, payload: &Value) -> Result<Vec<u8>> {
        self.stream.write_all(&emission(event, payload))?;
        let (answer, frame) = self.packet_that(|packet| packet.starts_with("430"))?;
        let body: Value = serde_json::from_str(&answer["430".len()..])?;
        if body[0]["ok"] != true {
            bail!("{event} was answered {answer}");
        }
        Ok(frame)
    }

    fn send(&mut self, packet: &str) -> Result<()> {
        Ok(self.stream.write_all(&websocket::text(packet))?)
    }

    fn greeting(&mut self) -> Result<()> {
        let end = loop {
            if let Some(end) = self.received.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            self.fill()?;
        };
        if !self.received.starts_with(b"HTTP/1.1 101") {
            bail!("no socket but {}", String::from_utf8_lossy(&self.received));
        }
        self.received.drain(..end);
        Ok(())
    }

    fn packet_that(&mut self, wanted: impl Fn(&str) -> bool) -> Result<(String, Vec<u8>)> {
        let mut found = None;
        loop {
            self.packets(|packet, frame| {
                let text = String::from_utf8_lossy(packet);
                if found.is_none() && wanted(&text) {
                    found = Some((text.into_owned(), frame.to_vec()));
                }
            })?;
            match found {
                Some(found) => return Ok(found),
                None => self.fill()?,
            }
        }
    }

    fn fill(&mut self) -> Result<()> {
        match self.read()? {
            0 => bail!("the server doesn't answer in time"),
            _ => Ok(()),
        }
    }

    /// Takes what has arrived: 0 when there is nothing now.
    pub fn read(&mut self) -> Result<usize> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk) {
            Ok(0) => bail!("the server has ended a connection"),
            Ok(read) => {
                self.received.extend_from_slice(&chunk[..read]);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Shows every whole packet that was read, with its frame, and answers pings.
    pub fn packets(&mut self, mut show: impl FnMut(&[u8], &[u8])) -> Result<()> {
        let mut done = 0;
        while let Some((start, end)) = websocket::first_frame(&self.received[done..]) {
            let frame = &self.received[done..done + end];
            match &frame[start..] {
                b"2" => self.stream.write_all(&websocket::text("3"))?,
                packet => show(packet, frame),
            }
            done += end;
        }
        self.received.drain(..done);
        Ok(())
    }
}

/// The frame of an event that asks for an acknowledgement.
pub fn emission(event: &str, payload: &Value) -> Vec<u8> {
    websocket::text(&format!("420{}", json!([event, payload])))
}
