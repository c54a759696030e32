//! What it costs to append to one stream: one sender, or fifty at once, each of whom sends again as soon as the
//! message before is acknowledged.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};

use super::floor::{Floor, Work};
use super::http::{Connection, request};
use super::meter::Meter;
use super::report::Row;
use super::server::{Server, Store};
use super::socket::{self, Socket};
use super::statistics::percentiles;
use super::tally::{Tally, Window};
use super::{Stand, pgbench, process};
use crate::services::random_hex;

const WARM_UP: Duration = Duration::from_secs(2);
/// The bare loop is steady: a shorter look suffices.
const FLOOR: Duration = Duration::from_secs(3);
const TEXT: &str = "Somebody says as much as people say in a chat, and then a little more.";

/// How many send at once, where to, and what it should cost: CPU seconds of the server per 1,000 messages.
struct Asked {
    scenario: &'static str,
    senders: usize,
    store: Store,
    target: f64,
}

const ASKED: [Asked; 4] = [
    Asked { scenario: "append-1", senders: 1, store: Store::Postgres, target: 0.120 },
    Asked { scenario: "append-50", senders: 50, store: Store::Postgres, target: 0.060 },
    Asked { scenario: "append-1-sqlite", senders: 1, store: Store::Sqlite, target: 0.120 },
    Asked { scenario: "append-50-sqlite", senders: 50, store: Store::Sqlite, target: 0.060 },
];

/// Measures the scenario of this name.
pub fn measure(stand: &Stand, scenario: &str) -> Result<Row> {
    let asked = ASKED.iter().find(|asked| asked.scenario == scenario).context("no such appending")?;
    let server = stand.server_on(asked.store)?;
    let chat = Chat::begin(&server)?;
    // Members, yet none that has joined: they hear nothing but answers.
    let mut sockets = open(asked.senders, || Socket::open(server.address, &chat.token))?;
    let answer = sockets[0].answer("sendMessage", &chat.message()?)?;
    let mut load = send(&mut sockets, &chat, stand.measure, &server.meter)?;
    let resident = process::resident(server.pid())?;
    drop(sockets);
    let pgbench = match &server.database {
        Some(database) => {
            let script = pgbench::Script { conversation: &chat.id, sender: &chat.sender };
            Some(script.run(stand, database, asked.senders)?)
        }
        None => None,
    };
    drop(server);

    let request = socket::emission("sendMessage", &chat.message()?).len();
    let floor = Floor::start(&Work::Answers { answer: &answer, request })?;
    let mut sockets = open(asked.senders, || Socket::bare(floor.address))?;
    let bare = send(&mut sockets, &chat, FLOOR, &floor.meter)?.window;

    let Window { done, used, seconds } = load.window;
    let thousands = done as f64 / 1000.0;
    let [p50_ms, p99_ms] = percentiles(&mut load.latencies);
    let of_postgres = |used: f64| (asked.store == Store::Postgres).then_some(used / thousands);
    Ok(Row {
        scenario: asked.scenario,
        unit: "CPU s per 1,000 appends",
        value: used.server / thousands,
        floor: bare.used.server / (bare.done as f64 / 1000.0),
        target: asked.target,
        postgres: of_postgres(used.postgres),
        pgbouncer: of_postgres(used.pgbouncer),
        p50_ms,
        p99_ms,
        rss_mib: Some(resident / 1024.0),
        per_second: Some(done as f64 / seconds),
        pgbench,
        answer_bytes: Some(answer.len() as f64),
    })
}

/// Two people's conversation; the first of them sends.
struct Chat {
    id: String,
    sender: String,
    token: String,
}

impl Chat {
    fn begin(server: &Server) -> Result<Self> {
        let mut connection = Connection::open(server.address)?;
        let (sender, token) = server.register(&mut connection, "ana")?;
        let (other, _) = server.register(&mut connection, "ben")?;
        let body = json!({ "memberIds": [other] });
        let answer = connection.ask(&request("POST", "/api/v1/conversations", Some(&token), Some(&body)))?;
        let id =
            answer["id"].as_str().with_context(|| format!("beginning was answered {answer}"))?.to_owned();
        Ok(Self { id, sender, token })
    }

    /// A new one, always of the same length.
    fn message(&self) -> Result<Value> {
        Ok(json!({ "conversationId": self.id, "messageId": random_hex()?, "content": TEXT }))
    }
}

fn open(count: usize, one: impl Fn() -> Result<Socket>) -> Result<Vec<Socket>> {
    (0..count).map(|_| one()).collect()
}

struct Load {
    window: Window,
    /// Microseconds from sending to the answer, while it was measured.
    latencies: Vec<u32>,
}

fn send(sockets: &mut [Socket], chat: &Chat, measure: Duration, meter: &Meter) -> Result<Load> {
    let tally = Tally::default();
    thread::scope(|scope| {
        let send = |socket| scope.spawn(|| tally.ended_by(send_on_and_on(socket, chat, &tally)));
        let senders: Vec<_> = sockets.iter_mut().map(send).collect();
        let window = tally.window(WARM_UP, measure, meter);
        let mut latencies = Vec::new();
        for sender in senders {
            latencies.extend(sender.join().map_err(|_| anyhow!("a sender panicked"))??);
        }
        Ok(Load { window: window?, latencies })
    })
}

fn send_on_and_on(socket: &mut Socket, chat: &Chat, tally: &Tally) -> Result<Vec<u32>> {
    let mut latencies = Vec::new();
    while tally.goes_on() {
        let message = chat.message()?;
        let sent = Instant::now();
        socket.ask("sendMessage", &message)?;
        if tally.count() {
            latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies)
}
