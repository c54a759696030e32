//! What it costs to push one conversation's messages to everybody in it.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use serde_json::json;

use super::crowd::{self, Seen};
use super::floor::{Floor, Work};
use super::http::{Connection, request};
use super::meter::Meter;
use super::report::Row;
use super::server::Server;
use super::socket::Socket;
use super::statistics::percentiles;
use super::tally::{Tally, Window};
use super::{Stand, process};
use crate::interrupt;
use crate::services::random_hex;

const MEMBERS: usize = 500;
/// Between two messages: 20 a second, 10,000 deliveries.
const EVERY: Duration = Duration::from_millis(50);
const WARM_UP: Duration = Duration::from_secs(3);
/// CPU seconds per 10,000 deliveries.
const TARGET: f64 = 0.09;

pub fn measure(stand: &Stand) -> Result<Row> {
    let server = stand.server()?;
    let tokens = register(&server)?;
    let conversation = found(&server, &tokens)?;
    let mut sockets = Vec::new();
    for (_, token) in &tokens {
        interrupt::check()?;
        let mut socket = Socket::open(server.address, token)?;
        socket.ask("joinConversation", &json!({ "conversationId": conversation }))?;
        sockets.push(socket);
    }
    // A member, yet not one that has joined: it hears nothing but answers.
    let mut sender = Socket::open(server.address, &tokens[0].1)?;
    let send = |epoch| {
        let id = random_hex()?;
        let message =
            json!({ "conversationId": conversation, "messageId": id, "content": crowd::stamp(epoch) });
        sender.ask("sendMessage", &message)
    };
    let mut real = watch(&mut sockets, &server.meter, stand.measure, send)?;
    let resident = process::resident(server.pid())?;
    drop(server);

    let floor = Floor::start(&Work::Frames { frame: &real.seen.frame, every: EVERY })?;
    let mut sockets = (0..MEMBERS).map(|_| Socket::bare(floor.address)).collect::<Result<Vec<_>>>()?;
    let bare = watch(&mut sockets, &floor.meter, stand.measure, |_| Ok(()))?;

    let [p50_ms, p99_ms] = percentiles(&mut real.seen.latencies);
    let Window { done, used, seconds } = real.window;
    let units = done as f64 / 10_000.0;
    Ok(Row {
        scenario: "deliveries",
        unit: "CPU s per 10,000 deliveries",
        value: used.server / units,
        floor: bare.window.used.server / (bare.window.done as f64 / 10_000.0),
        target: TARGET,
        postgres: Some(used.postgres / units),
        pgbouncer: Some(used.pgbouncer / units),
        p50_ms,
        p99_ms,
        rss_mib: Some(resident / 1024.0),
        per_second: Some(done as f64 / seconds),
        pgbench: None,
        answer_bytes: Some(real.seen.frame.len() as f64),
    })
}

/// Two at a time: their passwords are hashed, which keeps a core busy.
fn register(server: &Server) -> Result<Vec<(String, String)>> {
    let half = |name: &'static str| {
        let mut connection = Connection::open(server.address)?;
        let one = |number| {
            interrupt::check().and_then(|()| server.register(&mut connection, &format!("{name}{number}")))
        };
        (0..MEMBERS / 2).map(one).collect::<Result<Vec<_>>>()
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| half("ben"));
        let mut all = half("ana")?;
        all.extend(other.join().map_err(|_| anyhow!("registering panicked"))??);
        Ok(all)
    })
}

/// The conversation of them all.
fn found(server: &Server, members: &[(String, String)]) -> Result<String> {
    let others: Vec<&str> = members[1..].iter().map(|(id, _)| id.as_str()).collect();
    let body = json!({ "memberIds": others, "name": "everybody" });
    let request = request("POST", "/api/v1/conversations", Some(&members[0].1), Some(&body));
    let answer = Connection::open(server.address)?.ask(&request)?;
    answer["id"].as_str().map(str::to_owned).ok_or_else(|| anyhow!("founding was answered {answer}"))
}

struct Watched {
    seen: Seen,
    window: Window,
}

/// Sends at an even pace while a thread counts what arrives.
fn watch(
    sockets: &mut [Socket],
    meter: &Meter,
    measure: Duration,
    mut send: impl FnMut(Instant) -> Result<()> + Send,
) -> Result<Watched> {
    let (tally, epoch) = (Tally::default(), Instant::now());
    thread::scope(|scope| {
        let reader = scope.spawn(|| crowd::read(sockets, epoch, &tally));
        let sender = scope.spawn(|| {
            let mut next = Instant::now();
            let mut turns = std::iter::from_fn(|| tally.goes_on().then_some(()));
            tally.ended_by(turns.try_for_each(|()| {
                next += EVERY;
                thread::sleep(next.saturating_duration_since(Instant::now()));
                send(epoch)
            }))
        });
        let window = tally.window(WARM_UP, measure, meter);
        sender.join().map_err(|_| anyhow!("the sender panicked"))??;
        let seen = reader.join().map_err(|_| anyhow!("the reader panicked"))??;
        Ok(Watched { seen, window: window? })
    })
}
