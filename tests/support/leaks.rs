//! What a stopped app must not leave behind.

use std::time::Duration;

use rookery::app::Leftovers;
use sea_orm::DbErr;
use tokio::runtime::Handle;

use super::wait::in_time;

/// For the last tasks to notice that everything has ended. The slowest are those that wait for a socket
/// to authenticate: the library goes on waiting when the socket has gone.
const GONE_WITHIN: Duration = Duration::from_secs(5);

/// Judges how a server stopped, on its own runtime. An `Err` says in a sentence what was wrong.
pub async fn none(stopped: Result<Leftovers, DbErr>) -> Result<(), String> {
    let left = stopped.map_err(|error| format!("the server stopped with an error: {error}"))?;
    if left != Leftovers::default() {
        return Err(format!("the server has stopped and leaks {left}"));
    }
    let tasks = Handle::current().metrics();
    _ = in_time(GONE_WITHIN, async || (tasks.num_alive_tasks() == 0).then_some(())).await;
    match tasks.num_alive_tasks() {
        0 => Ok(()),
        1 => Err("the server has stopped and leaks 1 task".to_owned()),
        many => Err(format!("the server has stopped and leaks {many} tasks")),
    }
}
