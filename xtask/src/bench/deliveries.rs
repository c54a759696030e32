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
const TARGET_OF_TWO: f64 = 0.10;
/// Who send at once when order is looked at.
const FLAT_OUT: usize = 8;

pub fn measure(stand: &Stand) -> Result<Row> {
    let server = stand.server()?;
    let meter = server.meter.clone();
    deliver("deliveries", TARGET, stand, vec![server], &meter)
}

/// The same with everybody spread over two nodes: the CPU time of both.
pub fn measure_two(stand: &Stand) -> Result<Row> {
    let ([one, other], _redis) = stand.two_servers()?;
    let meter = Meter { other: Some(other.pid()), ..one.meter.clone() };
    deliver("deliveries-2", TARGET_OF_TWO, stand, vec![one, other], &meter)
}

fn deliver(
    scenario: &'static str,
    target: f64,
    stand: &Stand,
    servers: Vec<Server>,
    meter: &Meter,
) -> Result<Row> {
    let tokens = register(&servers[0])?;
    let conversation = found(&servers[0], &tokens)?;
    let mut sockets = Vec::new();
    for ((_, token), server) in tokens.iter().zip(servers.iter().cycle()) {
        interrupt::check()?;
        let mut socket = Socket::open(server.address, token)?;
        socket.ask("joinConversation", &json!({ "conversationId": conversation }))?;
        sockets.push(socket);
    }
    // A member, yet not one that has joined: it hears nothing but answers.
    let sender = |server: &Server| Socket::open(server.address, &tokens[0].1);
    let say = |sender: &mut Socket, epoch| {
        let id = random_hex()?;
        let message =
            json!({ "conversationId": conversation, "messageId": id, "content": crowd::stamp(epoch) });
        sender.ask("sendMessage", &message)
    };
    let mut paced = sender(&servers[0])?;
    let mut next = Instant::now();
    let send = |epoch| {
        next = (next + EVERY).max(Instant::now() - EVERY);
        thread::sleep(next.saturating_duration_since(Instant::now()));
        say(&mut paced, epoch)
    };
    let mut real = watch(&mut sockets, meter, stand.measure, vec![Box::new(send)])?;
    let resident = process::resident(servers[0].pid())?;
    // As fast as it goes, from everywhere: the pushes keep their order.
    let mut flat_out: Vec<Send> = Vec::new();
    for server in servers.iter().cycle().take(FLAT_OUT) {
        let mut socket = sender(server)?;
        flat_out.push(Box::new(move |epoch| say(&mut socket, epoch)));
    }
    watch(&mut sockets, meter, WARM_UP, flat_out)?;
    drop(servers);

    let floor = Floor::start(&Work::Frames { frame: &real.seen.frame, every: EVERY })?;
    let mut sockets = (0..MEMBERS).map(|_| Socket::bare(floor.address)).collect::<Result<Vec<_>>>()?;
    let bare = watch(&mut sockets, &floor.meter, stand.measure, vec![])?;

    let [p50_ms, p99_ms] = percentiles(&mut real.seen.latencies);
    let Window { done, used, seconds } = real.window;
    let units = done as f64 / 10_000.0;
    Ok(Row {
        scenario,
        unit: "CPU s per 10,000 deliveries",
        value: used.server / units,
        floor: bare.window.used.server / (bare.window.done as f64 / 10_000.0),
        target,
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

/// Sends one message, stamped in time since this.
type Send<'a> = Box<dyn FnMut(Instant) -> Result<()> + std::marker::Send + 'a>;

/// Counts what arrives while each of these sends on and on.
fn watch(sockets: &mut [Socket], meter: &Meter, measure: Duration, senders: Vec<Send>) -> Result<Watched> {
    let (tally, epoch) = (Tally::default(), Instant::now());
    let send_on = &|mut send: Send| {
        let mut turns = std::iter::from_fn(|| tally.goes_on().then_some(()));
        tally.ended_by(turns.try_for_each(|()| send(epoch)))
    };
    thread::scope(|scope| {
        let reader = scope.spawn(|| crowd::read(sockets, epoch, &tally));
        let senders: Vec<_> = senders.into_iter().map(|send| scope.spawn(move || send_on(send))).collect();
        let window = tally.window(WARM_UP, measure, meter);
        for sender in senders {
            sender.join().map_err(|_| anyhow!("a sender panicked"))??;
        }
        let seen = reader.join().map_err(|_| anyhow!("the reader panicked"))??;
        Ok(Watched { seen, window: window? })
    })
}
