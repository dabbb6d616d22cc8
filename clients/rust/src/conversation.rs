use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::{FusedStream, Stream, StreamExt};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};

use crate::connect::Stub;
use crate::delivery::{Delivery, Event};
use crate::error::{Error, SendError};
use crate::item::Item;
use crate::wire::stream_predictions_request::Message as Saying;
use crate::wire::stream_predictions_response::Message as Hearing;
use crate::wire::{Attach, Flush, StreamPredictionsRequest as Request, StreamPredictionsResponse as Response};

const END: &str = "end";

/// One stream of one session, from attaching to the answer to its flush, or until it breaks.
pub(crate) struct Conversation<'a, S, F> {
    delivery: &'a mut Delivery<F>,
    source: Pin<&'a mut S>,
    next: Option<u64>, // offset to send from, once attached
}

impl<'a, S, F, E> Conversation<'a, S, F>
where
    S: FusedStream + Stream<Item = Result<Item, E>>,
    F: FnMut(Event),
{
    pub(crate) fn new(delivery: &'a mut Delivery<F>, source: Pin<&'a mut S>) -> Self {
        Self {
            delivery,
            source,
            next: None,
        }
    }

    /// Whether the server had acknowledged all that was sent.
    pub(crate) fn owes_nothing(&self) -> bool {
        self.next.is_some_and(|next| next <= self.delivery.window.base())
    }

    /// Sends what is not acknowledged and what the source gives, and returns when everything is acknowledged.
    pub(crate) async fn run(
        &mut self,
        mut stub: Stub,
        session: &str,
        snapshot_interval: Option<Duration>,
    ) -> Result<(), SendError<E>> {
        let (requests, outgoing) = channel(1);
        requests
            .try_send(attach(session, snapshot_interval)?)
            .expect("an empty channel has room");
        let call = stub.stream_predictions(ReceiverStream::new(outgoing)).await;
        let mut responses = call.map_err(Error::from)?.into_inner();
        let Hearing::Attached(attached) = hear(&mut responses, self.delivery.committed()).await? else {
            return Err(Error::new(Code::Internal, "the server did not say where the session stands").into());
        };
        self.delivery.attach(attached.session.unwrap_or_default())?;
        self.next = Some(self.delivery.window.base());
        self.talk(requests, responses).await
    }

    /// Listens, and meanwhile sends what is due, or else reads while the window has room.
    async fn talk(
        &mut self,
        requests: Sender<Request>,
        mut responses: Streaming<Response>,
    ) -> Result<(), SendError<E>> {
        let mut requests = Some(requests);
        loop {
            let has_ended = self.source.is_terminated();
            let is_due = self.delivery.window.is_due(self.offset());
            let may_send = requests.is_some() && (is_due || has_ended);
            let may_read = !has_ended && !is_due && !self.delivery.window.is_full();
            tokio::select! {
                response = hear(&mut responses, self.delivery.committed()) => {
                    if self.receive(response?) {
                        return Ok(());
                    }
                }
                () = room(requests.as_ref()), if may_send => {
                    // Nothing follows the flush. When the call is over, the responses tell why.
                    requests = requests.filter(|requests| self.say(requests) && is_due);
                }
                item = self.source.next(), if may_read => match item {
                    Some(item) => self.delivery.window.push(item.map_err(SendError::Source)?)?,
                    None => self.delivery.window.finish()?,
                },
            }
        }
    }

    /// Sends the next batch, or the flush after the last; false when the call is over.
    fn say(&mut self, requests: &Sender<Request>) -> bool {
        let offset = self.offset();
        let message = if self.delivery.window.is_due(offset) {
            let batch = self.delivery.window.batch(offset);
            self.next = Some(offset + batch.items.len() as u64);
            Saying::Batch(batch)
        } else {
            Saying::Flush(Flush { tag: END.into() })
        };
        requests.try_send(wrap(message)).is_ok()
    }

    /// Offset to send from.
    fn offset(&self) -> u64 {
        self.next.unwrap_or_default().max(self.delivery.window.base())
    }

    /// Takes note of a message; true when it answers the flush.
    fn receive(&mut self, response: Hearing) -> bool {
        match response {
            Hearing::Ack(ack) => self.delivery.acknowledge(ack),
            Hearing::Rejections(refused) => self.delivery.reject(refused.rejections),
            Hearing::Snapshot(snapshot) => {
                let is_last = snapshot.flush_tag == END;
                self.delivery.show(snapshot);
                return is_last;
            }
            Hearing::Attached(_) | Hearing::Drain(_) => {} // a server that stops ends the stream
        }
        false
    }
}

fn wrap(message: Saying) -> Request {
    Request { message: Some(message) }
}

fn attach(session: &str, snapshot_interval: Option<Duration>) -> Result<Request, Error> {
    let snapshot_interval = snapshot_interval.map(TryInto::try_into).transpose().map_err(|_| {
        let message = format!("a snapshot interval of {snapshot_interval:?} is too long");
        Error::new(Code::InvalidArgument, message)
    })?;
    Ok(wrap(Saying::Attach(Attach {
        session: session.into(),
        snapshot_interval,
    })))
}

/// Waits until another message has room, or the call is over.
async fn room(requests: Option<&Sender<Request>>) {
    if let Some(requests) = requests {
        drop(requests.reserve().await);
    }
}

/// The next message. A server that stops ends the stream without an error of its own.
async fn hear(responses: &mut Streaming<Response>, committed: u64) -> Result<Hearing, Error> {
    loop {
        let Some(response) = responses.message().await? else {
            return Err(Error::new(
                Code::Unavailable,
                format!("the stream ended at offset {committed}"),
            ));
        };
        if let Some(message) = response.message {
            return Ok(message);
        }
    }
}
