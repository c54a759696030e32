//! The floor: what the same bytes cost when nothing is done but writing them to sockets.
//!
//! A process of its own (this program, called as `cargo xtask bench --floor …`), one thread, one epoll.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::signal::Signal;

use super::meter::Meter;
use super::server::until_we_end;
use crate::services::{Service, free_port};
use crate::{interrupt, workspace};

const LISTENER: u64 = 0;
/// Milliseconds after which it is looked whether to stop.
const LOOK_UP: u16 = 100;

/// The process, seen from the one that measures it.
pub struct Floor {
    pub address: SocketAddr,
    pub meter: Meter,
    _service: Service,
}

/// What it writes.
pub enum Work<'a> {
    /// This answer, whenever so many bytes of a request have come.
    Answers { answer: &'a [u8], request: usize },
    /// This frame to every connection, once per interval.
    Frames { frame: &'a [u8], every: Duration },
}

impl Floor {
    pub fn start(work: &Work) -> Result<Self> {
        let (kind, bytes, number) = match work {
            Work::Answers { answer, request } => ("answers", answer, *request as u128),
            Work::Frames { frame, every } => ("frames", frame, every.as_micros()),
        };
        let path = workspace::log("bench-floor-bytes")?;
        fs::write(&path, bytes)?;
        let address: SocketAddr = ([127, 0, 0, 1], free_port()?).into();
        let mut command = until_we_end(&std::env::current_exe()?);
        command.args(["bench", "--floor", kind, &address.to_string(), &number.to_string()]).arg(path);
        let ready = || TcpStream::connect(address).is_ok();
        let log = workspace::log("bench-floor")?;
        let service = Service::start("the bare loop", &mut command, log, Signal::SIGKILL, ready)?;
        Ok(Self {
            address,
            meter: Meter { server: service.pid(), other: None, database: None },
            _service: service,
        })
    }
}

/// The process itself.
pub fn serve(arguments: &[&str]) -> Result<ExitCode> {
    let [kind, address, number, path] = arguments else { bail!("--floor is what bench says to itself") };
    let bytes = fs::read(Path::new(path))?;
    let listener = TcpListener::bind(address).context("can't listen")?;
    let mut bare = Bare::new(listener)?;
    match *kind {
        "answers" => bare.answer(&bytes, number.parse()?)?,
        _ => bare.push(&bytes, Duration::from_micros(number.parse()?))?,
    }
    Ok(ExitCode::SUCCESS)
}

struct Bare {
    listener: TcpListener,
    epoll: Epoll,
    connections: HashMap<u64, Peer>,
    last: u64,
}

struct Peer {
    stream: TcpStream,
    /// Bytes of requests that haven't been answered.
    pending: usize,
}

impl Bare {
    fn new(listener: TcpListener) -> Result<Self> {
        listener.set_nonblocking(true)?;
        let epoll = Epoll::new(EpollCreateFlags::empty())?;
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
        Ok(Self { listener, epoll, connections: HashMap::new(), last: LISTENER })
    }

    fn answer(&mut self, answer: &[u8], request: usize) -> Result<()> {
        while !interrupt::happened() {
            self.turn(Duration::from_millis(LOOK_UP.into()), |peer, read| {
                peer.pending += read;
                while peer.pending >= request {
                    peer.pending -= request;
                    peer.stream.write_all(answer)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn push(&mut self, frame: &[u8], every: Duration) -> Result<()> {
        let mut next = Instant::now() + every;
        while !interrupt::happened() {
            let left = next.saturating_duration_since(Instant::now());
            if !left.is_zero() {
                self.turn(left, |_, _| Ok(()))?;
                continue;
            }
            next += every;
            self.connections.retain(|_, peer| peer.stream.write_all(frame).is_ok());
        }
        Ok(())
    }

    /// Waits for something to happen, and shows what was read from whom.
    fn turn(
        &mut self,
        limit: Duration,
        mut heard: impl FnMut(&mut Peer, usize) -> io::Result<()>,
    ) -> Result<()> {
        let mut ready = [EpollEvent::empty(); 64];
        let millis = u16::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(LOOK_UP).min(LOOK_UP);
        let count = match self.epoll.wait(&mut ready, millis) {
            Err(Errno::EINTR) => 0,
            count => count?,
        };
        let mut chunk = [0; 4096];
        for event in &ready[..count] {
            if event.data() == LISTENER {
                self.accept()?;
                continue;
            }
            let Some(peer) = self.connections.get_mut(&event.data()) else { continue };
            let outcome = peer.stream.read(&mut chunk).and_then(|read| match read {
                0 => Err(io::ErrorKind::UnexpectedEof.into()),
                read => heard(peer, read),
            });
            if outcome.is_err() {
                self.connections.remove(&event.data());
            }
        }
        Ok(())
    }

    fn accept(&mut self) -> Result<()> {
        // Sockets that are accepted block: an answer that doesn't fit waits for its reader.
        while let Ok((stream, _)) = self.listener.accept() {
            stream.set_nodelay(true)?;
            self.last += 1;
            self.epoll.add(&stream, EpollEvent::new(EpollFlags::EPOLLIN, self.last))?;
            self.connections.insert(self.last, Peer { stream, pending: 0 });
        }
        Ok(())
    }
}
