//! What one request costs: the same one over and over, on an installation that holds what it asks for.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::Stand;
use super::floor::{Floor, Work};
use super::http::{Connection, request};
use super::load;
use super::report::Row;
use super::server::Server;

/// The bare loop is steady: a shorter look suffices.
const FLOOR: Duration = Duration::from_secs(3);
/// Posts in the list; with these texts the answer has some 10 KB.
const POSTS: usize = 20;
const POST_TEXT: &str = "The soup of the day is pea, and who comes late gets what is left of it. ";

/// A request, its name, and what it should cost: CPU seconds of the server per 1,000.
struct Asked {
    scenario: &'static str,
    target: f64,
    prepare: fn(&mut Connection, &str) -> Result<()>,
    bytes: fn(&str) -> Vec<u8>,
}

const ASKED: [Asked; 4] = [
    Asked {
        scenario: "health",
        target: 0.012,
        prepare: nothing,
        bytes: |_| request("GET", "/health", None, None),
    },
    Asked {
        scenario: "me",
        target: 0.030,
        prepare: nothing,
        bytes: |token| request("GET", "/api/v1/users/me", Some(token), None),
    },
    Asked {
        scenario: "posts",
        target: 0.058,
        prepare: write_posts,
        bytes: |token| request("GET", "/api/v1/posts", Some(token), None),
    },
    Asked { scenario: "post", target: 0.067, prepare: nothing, bytes: |token| write(token, &post()) },
];

/// Measures the scenario of this name.
pub fn measure(stand: &Stand, scenario: &str) -> Result<Row> {
    let asked = ASKED.iter().find(|asked| asked.scenario == scenario).context("no such request")?;
    let server = stand.server()?;
    let mut connection = Connection::open(server.address)?;
    let (_, token) = server.register(&mut connection, "ana")?;
    (asked.prepare)(&mut connection, &token)?;
    let request = (asked.bytes)(&token);

    let load = load::run(server.address, &request, stand.measure, &server.meter)?;
    let resident = super::process::resident(server.pid())?;
    let answer = answer(&server, &request)?;
    drop(server);
    let floor = Floor::start(&Work::Answers { answer: &answer, request: request.len() })?;
    let bare = load::run(floor.address, &request, FLOOR, &floor.meter)?;

    let thousands = load.requests as f64 / 1000.0;
    Ok(Row {
        scenario: asked.scenario,
        unit: "CPU s per 1,000 requests",
        value: load.used.server / thousands,
        floor: bare.used.server / (bare.requests as f64 / 1000.0),
        target: asked.target,
        postgres: Some(load.used.postgres / thousands),
        pgbouncer: Some(load.used.pgbouncer / thousands),
        p50_ms: load.p50_ms,
        p99_ms: load.p99_ms,
        rss_mib: Some(resident / 1024.0),
        per_second: Some(load.requests as f64 / load.seconds),
        pgbench: None,
        answer_bytes: Some(answer.len() as f64),
    })
}

/// The answer as it comes over the wire, for the bare loop to repeat.
fn answer(server: &Server, request: &[u8]) -> Result<Vec<u8>> {
    Ok(Connection::open(server.address)?.exchange(request)?.whole.to_vec())
}

fn nothing(_: &mut Connection, _: &str) -> Result<()> {
    Ok(())
}

fn write_posts(connection: &mut Connection, token: &str) -> Result<()> {
    (0..POSTS).try_for_each(|_| connection.ask(&write(token, &post())).map(drop))
}

fn write(token: &str, post: &Value) -> Vec<u8> {
    request("POST", "/api/v1/posts", Some(token), Some(post))
}

fn post() -> Value {
    json!({ "content": POST_TEXT.repeat(3) })
}
