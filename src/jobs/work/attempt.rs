//! One attempt at one job.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Inner;
use crate::{
    infra::deadline::in_time,
    jobs::{Failure, Handler, Turn, finish::Finish, store::Claimed},
};

/// What this node doesn't know rests for so long: a newer one may be about to start.
const NOT_OURS: Duration = Duration::from_secs(15);

/// How an attempt went.
enum Ended {
    Done,
    Failed(Failure),
    /// It wasn't tried: another node may.
    Left(Duration),
}

impl Inner {
    /// Tries it, and stores how that went. The place is free again as soon as it was tried.
    pub(super) async fn attempt(
        &self,
        job: Claimed,
        place: OwnedSemaphorePermit,
        finish: &Finish,
        lost: &CancellationToken,
    ) {
        let begun = Instant::now();
        let mut turn = Turn { id: job.id, fence: job.fence, attempt: job.attempt, done: false };
        let handler = self.handlers.get(job.kind.as_str());
        let kind = handler.map_or("unknown", |handler| handler.kind);
        let ended = match known(&job, handler) {
            Err(ended) => ended,
            Ok(handler) => tokio::select! {
                biased;
                ended = run(handler, &job, &mut turn) => ended,
                () = lost.cancelled() => Ended::Failed(Failure::Lost),
                () = self.giving_up.cancelled() => Ended::Left(Duration::ZERO),
            },
        };
        let took = begun.elapsed();
        drop(place);
        let outcome = match ended {
            Ended::Done if turn.done || finish.finish(job.id, job.fence).await => "done",
            Ended::Done => "lost",
            Ended::Left(pause) => self.leave(&job, pause).await,
            Ended::Failed(_) if turn.done => "done",
            Ended::Failed(failure) => self.fail(&job, handler, failure).await,
        };
        self.metrics.job(kind, outcome, took);
    }

    async fn leave(&self, job: &Claimed, pause: Duration) -> &'static str {
        if let Err(problem) = in_time(self.store.give_back(job.id, job.fence, pause)).await {
            // Its lease will end.
            tracing::warn!(%problem, job = %job.id, kind = job.kind, "a job couldn't be given back");
        }
        "left"
    }

    async fn fail(&self, job: &Claimed, handler: Option<&Handler>, failure: Failure) -> &'static str {
        let Claimed { id, fence, attempt, kind, .. } = job;
        let pause = match &failure {
            Failure::Lost => {
                tracing::warn!(job = %id, kind, attempt, "a job was taken away while it was worked on");
                return "lost";
            }
            Failure::Again(_) => handler.and_then(|handler| handler.retry.after(*attempt)),
            Failure::Never(_) => None,
        };
        let error = failure.to_string();
        let (stored, outcome) = match pause {
            Some(pause) => {
                tracing::warn!(job = %id, kind, attempt, error, ?pause, "a job failed, and is tried again");
                (in_time(self.store.again(*id, *fence, pause, &error)).await, "failed")
            }
            None => {
                tracing::error!(job = %id, kind, attempt, error, "a job is given up: it is a dead letter");
                (in_time(self.store.bury(*id, *fence, &error)).await, "dead")
            }
        };
        if let Err(problem) = stored {
            // Its lease will end, and somebody tries again.
            tracing::warn!(%problem, job = %id, kind, "how a job went couldn't be stored");
        }
        outcome
    }
}

/// Whoever may try it; or why nobody does.
fn known<'a>(job: &Claimed, handler: Option<&'a Handler>) -> Result<&'a Handler, Ended> {
    let never = |why: String| Err(Ended::Failed(Failure::Never(why)));
    match handler {
        None if job.is_old => never(format!("no node knows jobs of the kind {}", job.kind)),
        Some(handler) if handler.version < job.version && job.is_old => {
            let (theirs, ours) = (job.version, handler.version);
            never(format!("it is of version {theirs}, and no node knows a newer one than {ours}"))
        }
        None => Err(Ended::Left(NOT_OURS)),
        Some(handler) if handler.version < job.version => Err(Ended::Left(NOT_OURS)),
        Some(_) if job.is_late => never("it wasn't begun before its deadline".into()),
        Some(handler) if job.attempt > handler.retry.attempts => {
            never(format!("it was begun {} times, and nobody lived to tell how it went", job.attempt - 1))
        }
        Some(handler) => Ok(handler),
    }
}

async fn run(handler: &Handler, job: &Claimed, turn: &mut Turn) -> Ended {
    let work = AssertUnwindSafe(handler.run(job, turn)).catch_unwind();
    match timeout(handler.within, work).await {
        Ok(Ok(Ok(()))) => Ended::Done,
        Ok(Ok(Err(failure))) => Ended::Failed(failure),
        Ok(Err(_)) => Ended::Failed(Failure::Again("it panicked".into())),
        Err(_) => Ended::Failed(Failure::Again(format!("it took longer than {:?}", handler.within))),
    }
}
