//! A transaction on one lent connection.

use sea_orm::DbErr;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};

use super::lent::{Connection, Lends, Lent};

/// Rolled back when it is dropped.
#[derive(Debug)]
pub struct Transaction(Mutex<Lent>);

impl Transaction {
    pub(super) async fn begin(mut lent: Lent, how: &str) -> Result<Self, DbErr> {
        lent.begin(how).await?;
        Ok(Self(Mutex::new(lent)))
    }

    pub async fn commit(self) -> Result<(), DbErr> {
        self.0.into_inner().commit().await
    }

    pub async fn rollback(self) -> Result<(), DbErr> {
        self.0.into_inner().roll_back().await
    }
}

impl Lends for Transaction {
    type Lent<'a> = MappedMutexGuard<'a, Connection>;

    async fn lend(&self) -> Result<Self::Lent<'_>, DbErr> {
        Ok(MutexGuard::map(self.0.lock().await, |lent| &mut **lent))
    }
}
