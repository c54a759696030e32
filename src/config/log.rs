//! What is logged, and in which shape.

use tracing_subscriber::filter::LevelFilter;

use super::{Environment, reader::Reader};

#[derive(Debug, Clone)]
pub struct LogConfig {
    /// `LOG_LEVEL`: error, warn, info, debug or trace; info.
    pub level: LevelFilter,
    /// `LOG_FORMAT`: `bunyan` (one JSON object a line) or `pretty`; bunyan in production.
    pub bunyan: bool,
}

impl LogConfig {
    pub(super) fn read(reader: &mut Reader, environment: Environment) -> Self {
        Self {
            level: reader
                .parse(&["LOG_LEVEL"], "error, warn, info, debug or trace", |text| text.parse().ok())
                .unwrap_or(LevelFilter::INFO),
            bunyan: reader
                .parse(&["LOG_FORMAT"], "bunyan or pretty", |text| match text {
                    "bunyan" | "json" => Some(true),
                    "pretty" => Some(false),
                    _ => None,
                })
                .unwrap_or(environment == Environment::Production),
        }
    }
}
