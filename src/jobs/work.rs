//! Doing what is due.

mod attempt;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
    time::{MissedTickBehavior, interval, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{
    Handler, Jobs, Schedule,
    finish::Finish,
    held::Held,
    schedule::Clockwork,
    store::{Claimed, LEASE, Store},
};
use crate::{
    infra::{db::Db, deadline::in_time, metrics::Metrics},
    problem::Problem,
};

/// Between two looks while nothing is due: what other nodes have ordered is found so soon.
const PAUSE: Duration = Duration::from_millis(500);
/// The same after something was ordered here, for it may not be committed yet.
const EAGER: [Duration; 5] = [
    Duration::from_millis(2),
    Duration::from_millis(10),
    Duration::from_millis(30),
    Duration::from_millis(80),
    Duration::from_millis(200),
];
/// Before the next look when the database is away.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// How often leases are renewed: two may fail.
const RENEW: Duration = Duration::from_secs(LEASE.as_secs() / 3);

/// A node's workers. Cheap to clone.
#[derive(Clone)]
pub struct Works(Arc<Inner>);

pub struct WorksDeps {
    pub db: Db,
    pub jobs: Jobs,
    pub metrics: Arc<Metrics>,
    pub handlers: Vec<Handler>,
    pub schedules: Vec<Schedule>,
    /// Jobs that are worked on at once.
    pub at_once: usize,
}

struct Inner {
    db: Db,
    store: Store,
    jobs: Jobs,
    metrics: Arc<Metrics>,
    handlers: HashMap<&'static str, Handler>,
    schedules: Vec<Schedule>,
    places: Arc<Semaphore>,
    held: Held,
    /// Held by whoever claims: what a claim gives has to be begun.
    claiming: Mutex<()>,
    /// Of this start of the program.
    name: Uuid,
    attempts: TaskTracker,
    /// Nothing more is claimed.
    stopping: CancellationToken,
    /// What is worked on is given back.
    giving_up: CancellationToken,
}

impl Works {
    pub fn new(deps: WorksDeps) -> Self {
        let WorksDeps { db, jobs, metrics, handlers, schedules, at_once } = deps;
        Self(Arc::new(Inner {
            store: Store::new(db.clone()),
            db,
            jobs,
            metrics,
            handlers: handlers.into_iter().map(|handler| (handler.kind, handler)).collect(),
            schedules,
            places: Arc::new(Semaphore::new(at_once)),
            held: Held::default(),
            claiming: Mutex::default(),
            name: Uuid::now_v7(),
            attempts: TaskTracker::new(),
            stopping: CancellationToken::new(),
            giving_up: CancellationToken::new(),
        }))
    }

    /// Where jobs are ordered that are done here soonest.
    pub fn jobs(&self) -> Jobs {
        self.0.jobs.clone()
    }

    /// Until told to stop; at the best it was drained before.
    pub async fn run(self, stop: CancellationToken) {
        let inner = &self.0;
        if inner.places.available_permits() == 0 {
            // Others do it.
            return;
        }
        let (finish, finishing) = Finish::new(inner.store.clone());
        let clockwork = Clockwork {
            db: inner.db.clone(),
            store: inner.store.clone(),
            jobs: inner.jobs.clone(),
            schedules: inner.schedules.clone(),
        };
        let unless_stopping = |work| inner.stopping.run_until_cancelled(work);
        let all = async {
            tokio::join!(inner.claim(finish), unless_stopping(clockwork.run()), inner.renew(), finishing)
        };
        _ = stop.run_until_cancelled(all).await;
    }

    /// Claims nothing more, and waits for what is worked on; gives back what isn't done by then, for others to do.
    pub async fn drain(&self, until: tokio::time::Instant) {
        let inner = &self.0;
        inner.stopping.cancel();
        // What is being claimed at this moment is done, too.
        drop(inner.claiming.lock().await);
        inner.attempts.close();
        if timeout_at(until, inner.attempts.wait()).await.is_err() {
            tracing::warn!(jobs = inner.attempts.len(), "jobs didn't finish in time, and are given back");
            inner.giving_up.cancel();
            _ = timeout(Duration::from_secs(1), inner.attempts.wait()).await;
        }
    }
}

impl Inner {
    async fn claim(self: &Arc<Self>, finish: Finish) {
        let mut pauses = EAGER.iter();
        while let Some(places) = self.stopping.run_until_cancelled(self.places()).await {
            let most = places.num_permits();
            let pause = match self.claim_some(places, &finish).await {
                // There may be more.
                Ok(claimed) if claimed == most => continue,
                Ok(_) => pauses.next().copied().unwrap_or(PAUSE),
                Err(problem) => {
                    tracing::warn!(%problem, "no jobs could be claimed");
                    AFTER_FAILURE
                }
            };
            if self.rest(pause).await {
                pauses = EAGER.iter();
            }
        }
    }

    /// All places that are free, and one at least.
    async fn places(&self) -> OwnedSemaphorePermit {
        let mut places = self.places.clone().acquire_owned().await.expect("it is never closed");
        let free = u32::try_from(self.places.available_permits()).unwrap_or(u32::MAX);
        if let Ok(more) = self.places.clone().try_acquire_many_owned(free) {
            places.merge(more);
        }
        places
    }

    async fn claim_some(
        self: &Arc<Self>,
        mut places: OwnedSemaphorePermit,
        finish: &Finish,
    ) -> Result<usize, Problem> {
        let _claiming = self.claiming.lock().await;
        // First without a lock: almost always nothing is due.
        if self.stopping.is_cancelled() || in_time(self.store.until_due()).await?.is_none_or(|wait| wait > 0)
        {
            return Ok(0);
        }
        let asked = Instant::now();
        let claimed = in_time(self.store.claim(places.num_permits(), self.name)).await?;
        let count = claimed.len();
        for job in claimed {
            let place = places.split(1).expect("no more were claimed than there are places");
            self.begin(job, place, finish.clone(), asked);
        }
        Ok(count)
    }

    fn begin(self: &Arc<Self>, job: Claimed, place: OwnedSemaphorePermit, finish: Finish, asked: Instant) {
        let lost = self.held.hold(job.id, job.fence, asked);
        let this = self.clone();
        self.attempts.spawn(async move {
            let (id, fence) = (job.id, job.fence);
            this.attempt(job, place, &finish, &lost).await;
            this.held.drop(id, fence);
        });
    }

    /// Says whether something was ordered meanwhile.
    async fn rest(&self, pause: Duration) -> bool {
        let ordered = timeout(pause, self.jobs.ordered.notified());
        self.stopping.run_until_cancelled(ordered).await.is_some_and(|ordered| ordered.is_ok())
    }

    async fn renew(&self) {
        let mut tick = interval(RENEW);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let (held, asked) = (self.held.all(), Instant::now());
            if !held.is_empty() {
                match in_time(self.store.renew(&held)).await {
                    Ok(renewed) => self.held.renewed(&held, &renewed, asked),
                    Err(problem) => tracing::warn!(%problem, "leases couldn't be renewed"),
                }
            }
            self.held.expire(Instant::now());
            if let Ok(wait) = in_time(self.store.until_due()).await {
                self.metrics.jobs_overdue(wait.map_or(0, |wait| wait.min(0).unsigned_abs()));
            }
        }
    }
}
