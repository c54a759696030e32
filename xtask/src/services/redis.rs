//! A Redis that forgets everything, as the one in front of a deployment may at any time.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::Signal;

use super::free_port;
use super::scratch::Scratch;
use super::service::Service;

/// It has nothing to save.
const FAREWELL: Signal = Signal::SIGKILL;
const ANSWER: Duration = Duration::from_secs(1);

/// Returns the service and its port.
pub fn start(program: &Path, scratch: &Scratch) -> Result<(Service, u16)> {
    let port = free_port()?;
    let mut redis = scratch.command(program, FAREWELL);
    redis.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"]);
    redis.arg("--dir").arg(scratch.directory("redis")?);
    let ready = || answers(port).is_ok_and(|yes| yes);
    let service = Service::start("Redis", &mut redis, scratch.path("redis.log"), FAREWELL, ready)?;
    Ok((service, port))
}

fn answers(port: u16) -> std::io::Result<bool> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.set_read_timeout(Some(ANSWER))?;
    connection.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    connection.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG\r\n")
}
