/**
 * What a run's page says around its log (result, next step, buttons) was made when it was loaded. Once the run has ended the page is loaded anew, or,
 * when somebody is busy with it, offers that. Does nothing on pages without such parts.
 * @param {{ isBusy: () => boolean }} deps
 */
export function createRenewal({ isBusy }) {
  const offer = document.getElementById("renew");
  const wasDone = offer === null || offer.dataset.done === "yes";
  return {
    /** The run has ended, as its log's stream says. */
    ended() {
      if (wasDone) return;
      if (isBusy()) offer.hidden = false;
      else {
        history.replaceState({ atEnd: true }, "");
        location.reload();
      }
    },
    /** Whether somebody followed the log to its end before the page was loaded anew. */
    get wasAtEnd() {
      return history.state?.atEnd === true;
    },
  };
}
