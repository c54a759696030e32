//! Where the servers are: the sentinels know their master, a cluster's nodes each other.

use std::ops::RangeInclusive;

use futures_util::future::select_ok;
use redis::{Value, aio::MultiplexedConnection, cmd, from_redis_value};

use super::{Redis, RedisFault, Server, slots::SLOTS};
use crate::config::{HostPort, Login};

/// The master of this name, as the first sentinel to answer has it.
pub async fn master(
    redis: &Redis,
    sentinels: &[HostPort],
    login: &Login,
    name: &str,
) -> Result<HostPort, RedisFault> {
    let ask = async |at: &HostPort| {
        let mut sentinel = redis.open(at, login, 0, |_| {}).await?;
        let mut question = cmd("SENTINEL");
        question.arg("get-master-addr-by-name").arg(name);
        let found: Option<(String, u16)> = question.query_async(&mut sentinel).await?;
        found.and_then(|(host, port)| HostPort::new(&host, port)).ok_or(RedisFault::NoMaster)
    };
    let (found, _) = select_ok(sentinels.iter().map(|at| Box::pin(ask(at)))).await?;
    Ok(found)
}

/// A sentinel may still name the one that was.
pub async fn is_master(connection: &mut MultiplexedConnection) -> Result<bool, RedisFault> {
    let role: Vec<Value> = cmd("ROLE").query_async(connection).await?;
    let role = role.into_iter().next().map(from_redis_value::<String>).transpose();
    Ok(role.map_err(redis::RedisError::from)?.as_deref() == Some("master"))
}

/// The masters of a cluster and their slots, as the first of these nodes to answer has them.
pub async fn cluster(redis: &Redis, nodes: &[HostPort]) -> Result<Vec<Server>, RedisFault> {
    let ask = async |at: &HostPort| {
        let mut node = redis.open(at, &redis.config.login, 0, |_| {}).await?;
        let ranges: Vec<Vec<Value>> = cmd("CLUSTER").arg("SLOTS").query_async(&mut node).await?;
        let ranges = ranges.into_iter().map(|range| owned(range, at)).collect::<Result<Vec<_>, _>>()?;
        masters(ranges)
    };
    let (found, _) = select_ok(nodes.iter().map(|at| Box::pin(ask(at)))).await?;
    Ok(found)
}

/// One entry of the answer: first slot, last slot, the master, its replicas.
fn owned(range: Vec<Value>, asked: &HostPort) -> Result<(HostPort, RangeInclusive<u16>), RedisFault> {
    let [first, last, master, ..] = <[Value; 3]>::try_from(range.into_iter().take(3).collect::<Vec<_>>())
        .map_err(|_| RedisFault::Uncovered)?;
    let parsed = || {
        let slots = from_redis_value(first)?..=from_redis_value(last)?;
        let mut master: Vec<Value> = from_redis_value(master)?;
        master.truncate(2);
        let (host, port): (Option<String>, u16) = from_redis_value(Value::Array(master))?;
        Ok::<_, redis::ParsingError>((host, port, slots))
    };
    let (host, port, slots) = parsed().map_err(redis::RedisError::from)?;
    // A node that doesn't know its own name is where it was asked.
    let host = host.filter(|host| !host.is_empty()).unwrap_or_else(|| asked.host.clone());
    let at = HostPort::new(&host, port).ok_or(RedisFault::Uncovered)?;
    Ok((at, slots))
}

/// Each master once, in a fixed order; all of them together serve every slot.
fn masters(mut ranges: Vec<(HostPort, RangeInclusive<u16>)>) -> Result<Vec<Server>, RedisFault> {
    ranges.sort_by_key(|(at, slots)| (at.clone(), *slots.start()));
    let covered: usize = ranges.iter().map(|(_, slots)| slots.len()).sum();
    if covered != usize::from(SLOTS) {
        return Err(RedisFault::Uncovered);
    }
    let mut servers: Vec<Server> = Vec::new();
    for (at, slots) in ranges {
        match servers.last_mut().filter(|server| server.at == at) {
            Some(server) => server.slots.push(slots),
            None => servers.push(Server { at, slots: vec![slots] }),
        }
    }
    Ok(servers)
}
