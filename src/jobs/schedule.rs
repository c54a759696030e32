//! What is ordered again and again, at moments that a cron expression names; once over all nodes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use croner::{
    Cron,
    parser::{CronParser, Seconds},
};
use sea_orm::DbErr;

use super::{
    Job, Jobs, Terms,
    order::draft,
    store::{Draft, Store},
};
use crate::infra::{db::Db, deadline::in_time};

/// Before the next look at a schedule whose moment hasn't come by the database's clock, or that couldn't be looked at.
const LATER: Duration = Duration::from_secs(1);

/// A job that is ordered at certain moments (UTC). What was missed while no node was there is ordered once. While the
/// one before isn't done, there is no other.
#[derive(Clone)]
pub struct Schedule {
    /// The job's kind, so a kind has one schedule.
    name: &'static str,
    cron: Cron,
    draft: Arc<dyn Fn() -> Result<Draft, DbErr> + Send + Sync>,
}

impl Schedule {
    /// Orders this job at the moments of a cron expression (`7 * * * *`; with six fields the first is the second).
    ///
    /// # Panics
    /// When it isn't one: it is part of the program.
    pub fn new<J: Job>(cron: &str, job: J) -> Self {
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let cron = parser.parse(cron).expect("the program's schedules are cron expressions");
        let name = J::KIND;
        let unique = Some(format!("schedule:{name}"));
        let draft = Arc::new(move || draft(&job, Terms { unique: unique.clone(), ..Terms::default() }));
        Self { name, cron, draft }
    }

    fn after(&self, moment: DateTime<Utc>) -> DateTime<Utc> {
        // An expression without any moment to come, as the 30th of February, is never due.
        self.cron.find_next_occurrence(&moment, false).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// Orders what schedules say, as long as it is run.
pub struct Clockwork {
    pub db: Db,
    pub store: Store,
    pub jobs: Jobs,
    pub schedules: Vec<Schedule>,
}

impl Clockwork {
    pub async fn run(self) {
        let mut looks: Vec<Instant> = vec![Instant::now(); self.schedules.len()];
        while let Some(next) = looks.iter().min().copied() {
            tokio::time::sleep_until(next.into()).await;
            for (schedule, look) in self.schedules.iter().zip(&mut looks) {
                if *look > Instant::now() {
                    continue;
                }
                let wait = in_time(self.look(schedule)).await.unwrap_or_else(|problem| {
                    tracing::warn!(%problem, schedule = schedule.name, "a schedule couldn't be looked at");
                    LATER
                });
                *look = Instant::now() + wait;
            }
        }
        // Without schedules there is nothing to do, for ever.
        std::future::pending().await
    }

    /// Orders what is due; says how long it takes until the next look.
    async fn look(&self, schedule: &Schedule) -> Result<Duration, DbErr> {
        let now = self.store.now().await?;
        let next = schedule.after(now);
        let Some(planned) = self.store.planned(schedule.name, schedule.cron.as_str()).await? else {
            self.store.plan(schedule.name, schedule.cron.as_str(), next).await?;
            return Ok(until(next, now));
        };
        if planned > now {
            return Ok(until(planned, now));
        }
        let tx = self.db.begin().await?;
        if !Store::fire(&tx, schedule.name, planned, next).await? {
            // Another node was faster.
            tx.rollback().await?;
            return Ok(until(next, now));
        }
        Store::add(&tx, &[(schedule.draft)()?]).await?;
        tx.commit().await?;
        self.jobs.ordered.notify_one();
        Ok(until(next, now))
    }
}

/// Somewhat more, so that the moment has come then; and not for ever, for another version may say otherwise.
fn until(moment: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    const LONGEST: Duration = Duration::from_secs(60);
    let left = (moment - now).to_std().unwrap_or_default();
    (left + Duration::from_millis(5)).min(LONGEST)
}
