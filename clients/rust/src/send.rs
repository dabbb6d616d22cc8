use std::pin::pin;
use std::time::Duration;

use futures_util::stream::{Stream, StreamExt};

use crate::client::Client;
use crate::conversation::Conversation;
use crate::delivery::{Delivery, Event, Progress};
use crate::error::SendError;
use crate::item::Item;
use crate::patience::Patience;

/// How items are sent.
#[derive(Clone, Debug)]
pub struct SendOptions {
    /// The most items in a message. With single ones a stream is a hundred times slower.
    pub batch_items: usize,
    /// An item that comes when the first of its batch has waited for so long sends the batch, full or not.
    pub linger: Duration,
    /// How often snapshots come; without it only the last one does.
    pub snapshot_interval: Option<Duration>,
    /// How long a server may be away before sending gives up.
    pub patience: Duration,
}

impl Default for SendOptions {
    fn default() -> Self {
        Self {
            batch_items: 256,
            linger: Duration::from_millis(500),
            snapshot_interval: None,
            patience: Duration::from_secs(120),
        }
    }
}

impl Client {
    /// Streams items to a session and returns when the server has acknowledged all of them.
    ///
    /// The items are the whole submission: as many as the session holds already are passed over, and must be the same.
    /// A connection that breaks is taken up again, and the items that were not acknowledged are sent again; exactly one
    /// outcome is counted for each. `on_event` hears of snapshots and rejections, one after the other. Dropping the
    /// future ends the stream, as `tokio::time::timeout` does; what was acknowledged stands.
    pub async fn send<E>(
        &self,
        session: &str,
        items: impl Stream<Item = Result<Item, E>>,
        options: &SendOptions,
        on_event: impl FnMut(Event),
    ) -> Result<Progress, SendError<E>> {
        let mut source = pin!(items.fuse());
        let mut delivery = Delivery::new(options, on_event)?;
        let mut patience = Patience::new(options.patience);
        loop {
            let before = delivery.committed();
            let mut conversation = Conversation::new(&mut delivery, source.as_mut());
            let Err(broken) = conversation.run(self.stub(), session, options.snapshot_interval).await else {
                self.note(&Ok(()));
                return Ok(delivery.progress());
            };
            if conversation.owes_nothing() || delivery.committed() > before {
                patience.renew();
            }
            match broken {
                SendError::Call(error) => patience.wait(error).await?,
                SendError::Source(_) => return Err(broken),
            }
        }
    }
}
