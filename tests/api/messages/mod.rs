//! A message's life.

mod deleting;
mod editing;
mod expiring;
mod hiding;
mod reacting;
mod replying;

use crate::support::TestApp;

/// One whose tokens last for a day, for tests in which hours pass.
async fn for_a_day() -> TestApp {
    TestApp::with(|settings| _ = settings.set("ACCESS_TTL_MIN", 24 * 60)).await
}
