use super::*;
use crate::config::{Config, Fault};

fn read(pairs: &[(&str, &str)]) -> Result<Option<RedisConfig>, Vec<Fault>> {
    let source = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
    Config::read(&source).map(|config| config.redis).map_err(|error| error.faults)
}

fn good(pairs: &[(&str, &str)]) -> RedisConfig {
    read(pairs).expect("there is no fault").expect("Redis is set")
}

/// The variables that are named.
fn faults(pairs: &[(&str, &str)]) -> Vec<String> {
    read(pairs).expect_err("there is a fault").into_iter().map(|fault| fault.name).collect()
}

fn at(host: &str, port: u16) -> HostPort {
    HostPort::new(host, port).unwrap()
}

#[test]
fn nothing_set_means_none() {
    assert!(read(&[]).unwrap().is_none());
    assert!(read(&[("REDIS_PREFIX", "mine"), ("REDIS_URL", "")]).unwrap().is_none());
}

#[test]
fn a_url_says_it_all() {
    let config =
        good(&[("REDIS_URL", "rediss://me:p%40ss+%2F@cache.example:6380/3"), ("REDIS_TLS_CA", "ca.pem")]);
    assert_eq!(config.servers, RedisServers::One(at("cache.example", 6380)));
    assert_eq!(config.login.username.as_deref(), Some("me"));
    assert_eq!(config.login.password, Some(Secret::new("p@ss+/")));
    assert_eq!((config.database, config.prefix.as_str()), (3, "rookery"));
    assert_eq!(config.tls.unwrap().authorities, Some("ca.pem".into()));
    let plain = good(&[("REDIS_URL", "redis://127.0.0.1")]);
    assert_eq!((plain.servers, plain.database), (RedisServers::One(at("127.0.0.1", 6379)), 0));
    assert!(plain.tls.is_none() && plain.login == Login::default());
    assert_eq!(good(&[("REDIS_URL", "redis://[::1]:7000/")]).servers, RedisServers::One(at("::1", 7000)));
}

#[test]
fn parts_say_the_same() {
    let config = good(&[
        ("REDIS_HOST", "cache"),
        ("REDIS_PASSWORD", "secret"),
        ("REDIS_DB", "2"),
        ("REDIS_TLS", "true"),
    ]);
    assert_eq!((config.servers, config.database), (RedisServers::One(at("cache", 6379)), 2));
    assert!(config.tls.is_some() && config.login.password == Some(Secret::new("secret")));
}

#[test]
fn sentinels_and_clusters_are_lists() {
    let two = "10.0.0.1, [::1]:7001,cache-3:7002";
    let config = good(&[
        ("REDIS_SENTINELS", two),
        ("REDIS_SENTINEL_MASTER", "mymaster"),
        ("REDIS_SENTINEL_PASSWORD", "s"),
        ("REDIS_PASSWORD", "p"),
        ("REDIS_DB", "1"),
    ]);
    let sentinels = vec![at("10.0.0.1", 26379), at("::1", 7001), at("cache-3", 7002)];
    let password = Some(Secret::new("s"));
    assert_eq!(config.servers, RedisServers::Sentinel { sentinels, master: "mymaster".into(), password });
    assert_eq!((config.login.password, config.database), (Some(Secret::new("p")), 1));
    let cluster = good(&[("REDIS_CLUSTER", two)]);
    let nodes = vec![at("10.0.0.1", 6379), at("::1", 7001), at("cache-3", 7002)];
    assert_eq!(cluster.servers, RedisServers::Cluster(nodes));
}

#[test]
fn the_same_answer_twice_is_one_answer_and_another_is_a_fault() {
    let url = ("REDIS_URL", "redis://:secret@cache:6379/1");
    good(&[
        url,
        ("REDIS_HOST", "cache"),
        ("REDIS_PORT", "6379"),
        ("REDIS_PASSWORD", "secret"),
        ("REDIS_DB", "1"),
    ]);
    for other in [
        ("REDIS_HOST", "other"),
        ("REDIS_PORT", "6380"),
        ("REDIS_PASSWORD", "x"),
        ("REDIS_DB", "0"),
        ("REDIS_TLS", "true"),
    ] {
        assert_eq!(faults(&[url, other]), [other.0]);
    }
    assert_eq!(faults(&[url, ("REDIS_CLUSTER", "a:1")]), ["REDIS_CLUSTER"]);
    assert_eq!(
        faults(&[("REDIS_HOST", "a"), ("REDIS_SENTINELS", "b"), ("REDIS_CLUSTER", "c")]),
        ["REDIS_SENTINELS", "REDIS_CLUSTER"]
    );
}

#[test]
fn what_means_nothing_is_a_fault() {
    assert_eq!(faults(&[("REDIS_PASSWORD", "x"), ("REDIS_DB", "1")]), ["REDIS_PASSWORD", "REDIS_DB"]);
    assert_eq!(faults(&[("REDIS_SENTINELS", "a")]), ["REDIS_SENTINEL_MASTER"]);
    assert_eq!(faults(&[("REDIS_CLUSTER", "a"), ("REDIS_SENTINEL_MASTER", "m")]), ["REDIS_SENTINEL_MASTER"]);
    assert_eq!(
        faults(&[("REDIS_CLUSTER", "a"), ("REDIS_DB", "1"), ("REDIS_PORT", "1")]),
        ["REDIS_PORT", "REDIS_DB"]
    );
    assert_eq!(faults(&[("REDIS_HOST", "a"), ("REDIS_USERNAME", "me")]), ["REDIS_PASSWORD"]);
    assert_eq!(faults(&[("REDIS_URL", "redis://a"), ("REDIS_TLS_CA", "ca.pem")]), ["REDIS_TLS_CA"]);
    for wrong in ["a b", "{one}", "x".repeat(65).as_str()] {
        assert_eq!(faults(&[("REDIS_URL", "redis://a"), ("REDIS_PREFIX", wrong)]), ["REDIS_PREFIX"]);
    }
    for wrong in ["", ",a", "a:0", "a:x", "a/b", "[::1"] {
        let pairs = [("REDIS_CLUSTER", wrong)];
        assert!(wrong.is_empty() || faults(&pairs) == ["REDIS_CLUSTER"], "{wrong}");
    }
}

#[test]
fn emitters_are_heard_when_it_is_wanted() {
    let url = ("REDIS_URL", "redis://a");
    assert_eq!(good(&[url]).emitter, None);
    assert_eq!(good(&[url, ("SOCKET_IO_EMITTER", "false")]).emitter, None);
    assert_eq!(good(&[url, ("SOCKET_IO_EMITTER", "true")]).emitter.as_deref(), Some("socket.io"));
    let other = ("SOCKET_IO_EMITTER_KEY", "mine");
    assert_eq!(good(&[url, ("SOCKET_IO_EMITTER", "true"), other]).emitter.as_deref(), Some("mine"));
    assert_eq!(faults(&[url, other]), ["SOCKET_IO_EMITTER_KEY"]);
    assert_eq!(faults(&[("SOCKET_IO_EMITTER", "true")]), ["SOCKET_IO_EMITTER"]);
    assert_eq!(faults(&[url, ("SOCKET_IO_EMITTER", "yes")]), ["SOCKET_IO_EMITTER"]);
    assert_eq!(
        faults(&[url, ("SOCKET_IO_EMITTER", "true"), ("SOCKET_IO_EMITTER_KEY", "a*")]),
        ["SOCKET_IO_EMITTER_KEY"]
    );
}

#[test]
fn a_url_that_cannot_be_read_is_never_echoed() {
    for wrong in [
        "http://:hunter2@a",
        "redis://:hunter2@",
        "redis://:hunter2@a/x",
        "redis://:hunter2@a?db=1",
        "hunter2",
    ] {
        let found = read(&[("REDIS_URL", wrong)]).expect_err(wrong);
        assert_eq!(found[0].name, "REDIS_URL");
        assert!(!format!("{found:?}").contains("hunter2"), "{wrong}");
    }
    let config = good(&[("REDIS_URL", "redis://:hunter2@a")]);
    assert!(!format!("{config:?}").contains("hunter2"));
    let found =
        read(&[("REDIS_HOST", "a"), ("REDIS_PASSWORD", "hunter2"), ("REDIS_URL", "redis://:hunter3@a")]);
    assert!(!format!("{found:?}").contains("hunter"));
}
