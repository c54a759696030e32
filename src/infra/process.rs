//! CPU time, memory and descriptors of this process, read when metrics are asked for.

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Unit,
};
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Reads the operating system's figures at each scrape.
#[derive(Debug, Default)]
pub struct ProcessCollector;

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        let Some(figures) = figures() else { return Ok(()) };
        let cpu = ConstCounter::new(figures.cpu_seconds);
        let descriptor = encoder.encode_descriptor(
            "process_cpu",
            "CPU time used, user and system",
            Some(&Unit::Seconds),
            cpu.metric_type(),
        )?;
        cpu.encode(descriptor)?;
        let memory = ConstGauge::new(figures.resident);
        let descriptor = encoder.encode_descriptor(
            "process_resident_memory",
            "Memory held in RAM",
            Some(&Unit::Bytes),
            memory.metric_type(),
        )?;
        memory.encode(descriptor)
    }
}

/// The figures that `/metrics` and the admin's statistics show.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub cpu_seconds: f64,
    /// Bytes.
    pub resident: i64,
}

/// This process's figures, where the operating system tells them.
pub fn figures() -> Option<Figures> {
    let pid = Pid::from_u32(std::process::id());
    let mut system = System::new().ok()?;
    let kinds = ProcessRefreshKind::nothing().with_memory().with_cpu();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kinds);
    let process = system.process(pid)?;
    Some(Figures {
        cpu_seconds: process.accumulated_cpu_time() as f64 / 1000.0,
        resident: i64::try_from(process.memory()).unwrap_or(i64::MAX),
    })
}
