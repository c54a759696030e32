//! A Redis that forgets everything, as the one in front of a deployment may at any time.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::Signal;

use super::free_port;
use super::scratch::Scratch;
use super::service::Service;

/// It has nothing to save.
const FAREWELL: Signal = Signal::SIGKILL;
const ANSWER: Duration = Duration::from_secs(1);

/// One of somebody's own, to be harmed.
pub struct Redis {
    // Before the directory that it is in.
    service: Service,
    scratch: Scratch,
    program: PathBuf,
    port: u16,
}

impl Redis {
    pub fn start(program: PathBuf) -> Result<Self> {
        let (scratch, port) = (Scratch::create()?, free_port()?);
        let service = start(&program, &scratch, port)?;
        Ok(Self { service, scratch, program, port })
    }

    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Kills it.
    pub fn stop(&mut self) {
        self.service.stop();
    }

    /// Another one in its place, which knows nothing.
    pub fn start_again(&mut self) -> Result<()> {
        self.service = start(&self.program, &self.scratch, self.port)?;
        Ok(())
    }

    /// It stays where it is, and does nothing.
    pub fn hang(&self) -> Result<()> {
        self.service.signal(Signal::SIGSTOP)
    }

    pub fn go_on(&self) -> Result<()> {
        self.service.signal(Signal::SIGCONT)
    }
}

pub fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}")
}

pub fn start(program: &Path, scratch: &Scratch, port: u16) -> Result<Service> {
    let mut redis = scratch.command(program, FAREWELL);
    redis.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"]);
    redis.arg("--dir").arg(scratch.path(""));
    let ready = || answers(port).is_ok_and(|yes| yes);
    Service::start("Redis", &mut redis, scratch.path("redis.log"), FAREWELL, ready)
}

fn answers(port: u16) -> std::io::Result<bool> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(ANSWER))?;
    connection.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    connection.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG\r\n")
}
