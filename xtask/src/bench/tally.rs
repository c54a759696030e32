//! What the threads of a load tell each other, and how it is measured.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::meter::{Meter, Used};
use super::pause;

#[derive(Default)]
pub struct Tally {
    done: AtomicU64,
    measuring: AtomicBool,
    stopped: AtomicBool,
    failed: AtomicBool,
}

/// What was done and used while it was measured.
pub struct Window {
    pub done: u64,
    pub used: Used,
    pub seconds: f64,
}

impl Tally {
    /// One more is done. Says whether it is measured.
    pub fn count(&self) -> bool {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.measuring.load(Ordering::Relaxed)
    }

    pub fn goes_on(&self) -> bool {
        !self.stopped.load(Ordering::Relaxed)
    }

    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Notes how a thread has ended: if it failed, the measuring is given up.
    pub fn ended_by<T>(&self, result: Result<T>) -> Result<T> {
        self.failed.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    }

    /// Lets everything warm up, measures, and stops the threads, however that went.
    pub fn window(&self, warm_up: Duration, measure: Duration, meter: &Meter) -> Result<Window> {
        let window = self.measured(warm_up, measure, meter);
        self.stop();
        window
    }

    fn measured(&self, warm_up: Duration, measure: Duration, meter: &Meter) -> Result<Window> {
        let healthy = || !self.failed.load(Ordering::Relaxed);
        pause(warm_up, healthy)?;
        let (used, before, begun) = (meter.read()?, self.done.load(Ordering::Relaxed), Instant::now());
        self.measuring.store(true, Ordering::Relaxed);
        pause(measure, healthy)?;
        self.measuring.store(false, Ordering::Relaxed);
        let seconds = begun.elapsed().as_secs_f64();
        let done = self.done.load(Ordering::Relaxed) - before;
        if done == 0 {
            bail!("nothing was done in {seconds:.0} s");
        }
        Ok(Window { done, used: meter.read()?.since(&used), seconds })
    }
}
