//! Work in the background.

use super::reader::Reader;

#[derive(Debug, Clone)]
pub struct JobsConfig {
    /// `JOBS_AT_ONCE`, 16: jobs that this node works on at the same time; 0: none, for others do.
    pub at_once: usize,
}

impl JobsConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self { at_once: reader.within("JOBS_AT_ONCE", 16, 0, 1000) }
    }
}
