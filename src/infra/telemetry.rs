//! Log lines: bunyan JSON, one object a line, or plain text for a person at a terminal.

use tracing_bunyan_formatter::{BunyanFormattingLayer, JsonStorageLayer};
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogConfig;

/// Starts logging to standard output; a second call in one process changes nothing.
pub fn init(config: &LogConfig) {
    // Libraries are heard from warnings up, whatever the level: below, some log what they are sent,
    // tokens included.
    let targets = Targets::new()
        .with_default(config.level.min(tracing_subscriber::filter::LevelFilter::WARN))
        .with_target("rookery", config.level);
    let registry = tracing_subscriber::registry();
    let started = if config.bunyan {
        let bunyan = JsonStorageLayer.and_then(BunyanFormattingLayer::new("rookery".into(), std::io::stdout));
        registry.with(bunyan.with_filter(targets)).try_init()
    } else {
        registry.with(fmt::layer().with_target(false).compact().with_filter(targets)).try_init()
    };
    if started.is_err() {
        tracing::debug!("logging had been started before");
    }
}
