//! How much memory the program holds when nothing happens, and how much each idle socket adds.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};

use super::crowd;
use super::floor::{Floor, Work};
use super::http::Connection;
use super::report::Row;
use super::socket::Socket;
use super::tally::Tally;
use super::{Stand, process};
use crate::{interrupt, wait};

/// Sockets that are there before the first reading: what the first ones bring isn't theirs alone.
const BEFORE: usize = 100;
const SOCKETS: usize = 10_000;
/// Opened before the pings of all are answered: none may wait for its own for 20 s.
const AT_ONCE: usize = 500;
/// KiB of resident memory per socket.
const IDLE_TARGET: f64 = 8.0;
/// MiB of resident memory.
const REST_TARGET: f64 = 30.0;
/// A process whose CPU time stands still so long rests.
const STILL: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(20);
/// KiB that hashing a password takes at least, and when the program gives them back at the latest.
const HASHING: f64 = 16.0 * 1024.0;
const GIVEN_BACK_WITHIN: Duration = Duration::from_secs(40);

/// After the start, before anybody has asked for anything.
pub fn rest(stand: &Stand) -> Result<Row> {
    let server = stand.server()?;
    let resident = resting(server.pid())?;
    let floor = bare()?;
    let value = resident / 1024.0;
    Ok(Row::memory(
        "rest",
        "MiB RSS after the start",
        value,
        resting(floor.meter.server)? / 1024.0,
        REST_TARGET,
    ))
}

/// Authenticated sockets of one session that say nothing but answer pings.
pub fn idle(stand: &Stand) -> Result<Row> {
    let server = stand.server()?;
    let (_, token) = server.register(&mut Connection::open(server.address)?, "ana")?;
    given_back(server.pid())?;
    let (value, all) = per_connection(server.pid(), || Socket::open(server.address, &token))?;
    drop(server);
    let floor = bare()?;
    let (bare, _) = per_connection(floor.meter.server, || Socket::bare(floor.address))?;
    let row = Row::memory("idle", "KiB RSS per idle socket", value, bare, IDLE_TARGET);
    Ok(Row { rss_mib: Some(all / 1024.0), ..row })
}

fn bare() -> Result<Floor> {
    Floor::start(&Work::Answers { answer: b"", request: usize::MAX })
}

/// Waits until what registering took isn't there any more: else sockets would seem to take less than they do.
fn given_back(pid: u32) -> Result<()> {
    let with = process::resident(pid)?;
    let without = wait::until(GIVEN_BACK_WITHIN, || {
        interrupt::check()?;
        Ok((process::resident(pid)? < with - HASHING).then_some(()))
    })?;
    without.ok_or_else(|| anyhow!("memory for hashing isn't given back in {GIVEN_BACK_WITHIN:?}"))
}

/// KiB that each connection adds, and those that the process holds with all of them.
fn per_connection(pid: u32, open: impl Fn() -> Result<Socket>) -> Result<(f64, f64)> {
    let mut sockets = Vec::with_capacity(BEFORE + SOCKETS);
    let more = |count: usize, sockets: &mut Vec<Socket>| {
        for _ in 0..count {
            interrupt::check()?;
            let socket = open()?;
            socket.stream.set_nonblocking(true)?;
            sockets.push(socket);
        }
        sockets.iter_mut().try_for_each(answer_ping)
    };
    more(BEFORE, &mut sockets)?;
    let before = resting(pid)?;
    for _ in 0..SOCKETS / AT_ONCE {
        more(AT_ONCE, &mut sockets)?;
    }
    let after = tended(&mut sockets, || resting(pid))?;
    Ok(((after - before) / SOCKETS as f64, after))
}

fn answer_ping(socket: &mut Socket) -> Result<()> {
    socket.read()?;
    socket.packets(|_, _| ())
}

/// Does `work` while the sockets' pings are answered.
fn tended<T>(sockets: &mut [Socket], work: impl FnOnce() -> Result<T>) -> Result<T> {
    let tally = Tally::default();
    thread::scope(|scope| {
        let reader = scope.spawn(|| crowd::read(sockets, Instant::now(), &tally));
        let result = work();
        tally.stop();
        reader.join().map_err(|_| anyhow!("the reader panicked"))??;
        result
    })
}

/// Resident KiB once nothing is being done any more.
fn resting(pid: u32) -> Result<f64> {
    let (mut used, mut since) = (process::cpu(pid)?, Instant::now());
    let still = wait::until(PATIENCE, || {
        interrupt::check()?;
        let now = process::cpu(pid)?;
        if now > used {
            (used, since) = (now, Instant::now());
        }
        Ok((since.elapsed() > STILL).then_some(()))
    })?;
    match still {
        Some(()) => process::resident(pid),
        None => bail!("the process doesn't come to rest in {PATIENCE:?}"),
    }
}
