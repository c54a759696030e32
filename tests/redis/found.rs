//! Redis is found where it is: behind a password, over TLS, where the sentinels say, all over a cluster.

use super::{
    nodes::Pair,
    several::{Cluster, Sentinels},
};
use crate::support::{CertificateFiles, Pair as Certificate, RedisServer};

#[tokio::test]
async fn behind_a_password_in_the_database_of_this_number() {
    let redis = RedisServer::guarded("hunter2", &[]).await;
    let mut pair = Pair::with(|settings| {
        settings.set("REDIS_URL", format!("redis://:hunter2@{}/3", redis.address()));
    })
    .await;
    pair.are_joined().await;
    let clients = redis.say("CLIENT LIST").await.expect("it answers");
    // Each node has one for the bus, at least; only the one that asks isn't a node's.
    let clients = clients.lines().filter(|line| line.starts_with("id="));
    let (of_nodes, others): (Vec<&str>, Vec<&str>) = clients.partition(|line| line.contains(" db=3 "));
    assert!(of_nodes.len() >= 2, "{of_nodes:?}");
    assert!(others.len() == 1 && others[0].contains(" cmd=client|list "), "{others:?}");
}

#[tokio::test]
async fn a_wrong_password_is_no_reason_not_to_serve() {
    let redis = RedisServer::guarded("hunter2", &[]).await;
    let mut pair = Pair::with(|settings| {
        settings.set("REDIS_URL", format!("redis://:hunter3@{}", redis.address()));
    })
    .await;
    pair.say_of_redis("error").await;
    pair.cross(1).await;
}

#[tokio::test]
async fn over_tls_with_an_authority_of_its_own() {
    let (files, port) = (CertificateFiles::of(&Certificate::new()), RedisServer::free_port());
    let (certificate, key) = (files.certificate().display().to_string(), files.key().display().to_string());
    let tls =
        ["--tls-port", &port.to_string(), "--tls-auth-clients", "no", "--tls-ca-cert-file", &certificate];
    let pair_of = ["--tls-cert-file", &certificate, "--tls-key-file", &key];
    let _redis = RedisServer::with(&[tls.as_slice(), pair_of.as_slice()].concat()).await;
    let mut pair = Pair::with(|settings| {
        settings.set("REDIS_URL", format!("rediss://localhost:{port}")).set("REDIS_TLS_CA", &certificate);
    })
    .await;
    pair.are_joined().await;
    // Without it nobody vouches for the server.
    let strangers = Pair::with(|settings| {
        settings.set("REDIS_URL", format!("rediss://localhost:{port}"));
    })
    .await;
    strangers.say_of_redis("error").await;
}

#[tokio::test]
async fn where_the_sentinels_say_also_when_the_master_has_died() {
    let mut redis = Sentinels::start().await;
    let mut pair = Pair::with(|settings| redis.set(settings)).await;
    pair.are_joined().await;
    redis.master.kill();
    pair.say_of_redis("error").await;
    pair.cross(1).await;
    pair.are_joined().await;
}

#[tokio::test]
async fn all_over_a_cluster_also_when_a_master_has_died() {
    let mut redis = Cluster::start().await;
    let mut pair = Pair::with(|settings| redis.set(settings)).await;
    pair.are_joined().await;
    // Its replica takes over.
    redis.masters[0].kill();
    pair.say_of_redis("error").await;
    pair.cross(1).await;
    pair.are_joined().await;
    // It has none: the cluster is whole again when it comes back.
    redis.masters[1].kill();
    pair.say_of_redis("error").await;
    pair.cross(1).await;
    redis.masters[1].restart().await;
    pair.are_joined().await;
}
