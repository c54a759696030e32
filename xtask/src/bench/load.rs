//! A fixed number of connections, each of which asks again as soon as it is answered.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http::Connection;
use super::meter::{Meter, Used};
use super::pause;
use super::statistics::percentile;

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
    let shared = Shared::default();
    thread::scope(|scope| {
        let ask = || scope.spawn(|| shared.ended_by(ask_on_and_on(address, request, &shared)));
        let askers: Vec<_> = (0..CONNECTIONS).map(|_| ask()).collect();
        let window = shared.window(measure, meter);
        shared.stop.store(true, Ordering::Relaxed);
        let mut latencies = Vec::new();
        for asker in askers {
            latencies.extend(asker.join().map_err(|_| anyhow::anyhow!("a connection panicked"))??);
        }
        let (requests, used, seconds) = window?;
        let mut ms = |share| percentile(&mut latencies, share).map(|micros| f64::from(micros) / 1000.0);
        Ok(Load { requests, used, seconds, p50_ms: ms(0.5), p99_ms: ms(0.99) })
    })
}

#[derive(Default)]
struct Shared {
    answered: AtomicU64,
    measuring: AtomicBool,
    stop: AtomicBool,
    failed: AtomicBool,
}

impl Shared {
    fn window(&self, measure: Duration, meter: &Meter) -> Result<(u64, Used, f64)> {
        let healthy = || !self.failed.load(Ordering::Relaxed);
        pause(WARM_UP, healthy)?;
        let (used, answered, begun) = (meter.read()?, self.answered.load(Ordering::Relaxed), Instant::now());
        self.measuring.store(true, Ordering::Relaxed);
        pause(measure, healthy)?;
        self.measuring.store(false, Ordering::Relaxed);
        let seconds = begun.elapsed().as_secs_f64();
        let requests = self.answered.load(Ordering::Relaxed) - answered;
        if requests == 0 {
            bail!("nothing was answered in {seconds:.0} s");
        }
        Ok((requests, meter.read()?.since(&used), seconds))
    }

    fn ended_by<T>(&self, result: Result<T>) -> Result<T> {
        self.failed.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    }
}

/// Returns how long each answer took while it was measured, in microseconds.
fn ask_on_and_on(address: SocketAddr, request: &[u8], shared: &Shared) -> Result<Vec<u32>> {
    let mut connection = Connection::open(address)?;
    let mut latencies = Vec::new();
    while !shared.stop.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let status = connection.exchange(request).context("a request went unanswered")?.status;
        if !(200..300).contains(&status) {
            bail!("a request of the load was answered {status}");
        }
        shared.answered.fetch_add(1, Ordering::Relaxed);
        if shared.measuring.load(Ordering::Relaxed) {
            latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    Ok(latencies)
}
