//! Moments, as the database tells them: nodes' clocks differ, and a lease mustn't end early by one of them.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use sea_orm::{DbBackend, Value};

/// This moment. On SQLite, which is on this machine, this machine's.
pub fn now(backend: DbBackend, values: &mut Vec<Value>) -> String {
    match backend {
        DbBackend::Postgres => "now()".to_owned(),
        _ => {
            values.push(Utc::now().into());
            format!("${}", values.len())
        }
    }
}

/// So long before this moment, which doesn't change.
pub fn before(backend: DbBackend, by: Duration, values: &mut Vec<Value>) -> String {
    match backend {
        DbBackend::Postgres => format!("now() - interval '{} seconds'", by.as_secs()),
        _ => {
            values.push((Utc::now() - by).into());
            format!("${}", values.len())
        }
    }
}

/// So long after this moment.
pub fn later(backend: DbBackend, by: Duration, values: &mut Vec<Value>) -> String {
    match backend {
        DbBackend::Postgres => {
            values.push(by.as_secs_f64().into());
            format!("now() + make_interval(secs => ${})", values.len())
        }
        _ => {
            let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
            values.push(Utc::now().checked_add_signed(by).unwrap_or(chrono::DateTime::<Utc>::MAX_UTC).into());
            format!("${}", values.len())
        }
    }
}
