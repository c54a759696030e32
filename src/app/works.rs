//! Who does which jobs.

use super::{Ground, Modules, tidying::Tidying};
use crate::jobs::{Works, WorksDeps};

/// The workers of this node, with the jobs of all modules.
pub fn works(ground: &Ground, modules: &Modules) -> Works {
    let Ground { config, db, clock, metrics, sessions, jobs, .. } = ground;
    let tidying = Tidying { db: db.clone(), clock: clock.clone(), sessions: sessions.clone() };
    let modules = modules.all();
    Works::new(WorksDeps {
        db: db.clone(),
        jobs: jobs.clone(),
        metrics: metrics.clone(),
        handlers: modules.iter().flat_map(|module| module.jobs()).chain([tidying.handler()]).collect(),
        schedules: modules
            .iter()
            .flat_map(|module| module.schedules())
            .chain([Tidying::schedule()])
            .collect(),
        at_once: config.jobs.at_once,
    })
}
