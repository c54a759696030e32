//! A fixed number of connections, each of which asks again as soon as it is answered.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http::Connection;
use super::meter::{Meter, Used};
use super::statistics::percentiles;
use super::tally::{Tally, Window};

/// Connections, each with one request under way.
const CONNECTIONS: usize = 16;
/// Before anything is measured: caches, pools and branch predictors are as they will be.
const WARM_UP: Duration = Duration::from_secs(2);

pub struct Load {
    /// Answered while it was measured.
    pub requests: u64,
    pub used: Used,
    pub seconds: f64,
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
}

/// Sends the same request over and over, and says what `meter` has used per window of `measure`.
pub fn run(address: SocketAddr, request: &[u8], measure: Duration, meter: &Meter) -> Result<Load> {
    let tally = Tally::default();
    thread::scope(|scope| {
        let ask = || scope.spawn(|| tally.ended_by(ask_on_and_on(address, request, &tally)));
        let askers: Vec<_> = (0..CONNECTIONS).map(|_| ask()).collect();
        let window = tally.window(WARM_UP, measure, meter);
        let mut latencies = Vec::new();
        for asker in askers {
            latencies.extend(asker.join().map_err(|_| anyhow::anyhow!("a connection panicked"))??);
        }
        let (Window { done, used, seconds }, [p50_ms, p99_ms]) = (window?, percentiles(&mut latencies));
        Ok(Load { requests: done, used, seconds, p50_ms, p99_ms })
    })
}

/// Returns how long each answer took while it was measured, in microseconds.
fn ask_on_and_on(address: SocketAddr, request: &[u8], tally: &Tally) -> Result<Vec<u32>> {
    let mut connection = Connection::open(address)?;
    let mut latencies = Vec::new();
    while tally.goes_on() {
        let asked = Instant::now();
        let status = connection.exchange(request).context("a request went unanswered")?.status;
        if !(200..300).contains(&status) {
            bail!("a request of the load was answered {status}");
        }
        if tally.count() {
            latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies)
}
