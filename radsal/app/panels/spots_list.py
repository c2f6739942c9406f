"""The hot spots of the selected finding, one card each."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from radsal.app.panels.spot_card import SpotCard
from radsal.app.panels.spot_facts import size_text
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.labels import heading, label
from radsal.core.results import HotSpot, MapStatus, SaliencyMap
from radsal.session.reading import Reading


class SpotsList(QWidget):
    """Cards that scroll when there are many.

    Signals
    -------
    spotChosen(str), judged(str, Cause | None, Agreement | None), noted(str, str), withdrawn(str):
        As in :class:`~radsal.app.panels.findings_panel.FindingsPanel`.
    """

    spotChosen = Signal(str)  # noqa: N815
    judged = Signal(str, object, object)
    noted = Signal(str, str)
    withdrawn = Signal(str)

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._spots: tuple[HotSpot, ...] = ()
        self.cards: list[SpotCard] = []
        self._title, self._count = heading(), heading()
        self.reason = label("", "secondary", wrap=True)
        self._inside = QWidget()
        self._inside.setProperty("role", "plain")
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(14, 0, 14, 4)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self.area = self._make_area()
        self._lay_out()

    def follow(self, reading: Reading) -> None:
        """Show the hot spots, the active one and what was said of each."""
        if reading.spots != self._spots:
            self._spots = reading.spots
            self._rebuild(reading)
        for card in self.cards:
            active = card.spot.id == reading.spot
            card.show_state(reading.verdict_on(card.spot), active=active, locked=reading.locked)
            if active:
                self._bring_into_view(card)
        self._title.setText(f"HOT SPOTS · {reading.finding or ''}".upper())
        self._count.setText(f"{reading.judged} OF {len(self._spots)} JUDGED")
        self._count.setVisible(bool(self._spots))
        self._explain(reading)

    def commit(self) -> None:
        """Tell notes that are still being typed."""
        for card in self.cards:
            card.box.note.commit()

    def _explain(self, reading: Reading) -> None:
        saliency = reading.saliency
        self.reason.setText(no_spots(saliency) if not self._spots else "")
        self.reason.setVisible(not self._spots)
        self.area.setVisible(bool(self._spots))

    def _rebuild(self, reading: Reading) -> None:
        for card in self.cards:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = [self._make_card(spot, reading) for spot in self._spots]
        for place, card in enumerate(self.cards):
            self._column.insertWidget(place, card)

    def _make_card(self, spot: HotSpot, reading: Reading) -> SpotCard:
        assert reading.radiograph is not None
        size = size_text(spot, reading.saliency, reading.radiograph.spacing)
        card = SpotCard(spot, size, self._tokens)
        card.chosen.connect(lambda: self.spotChosen.emit(spot.id))
        card.box.judged.connect(lambda cause, agreed: self.judged.emit(spot.id, cause, agreed))
        card.box.noted.connect(lambda text: self.noted.emit(spot.id, text))
        card.box.withdrawn.connect(lambda: self.withdrawn.emit(spot.id))
        return card

    def _bring_into_view(self, card: SpotCard) -> None:
        self._column.activate()
        self.area.ensureWidgetVisible(card, 0, 8)

    def _make_area(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidget(self._inside)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _lay_out(self) -> None:
        heads = QHBoxLayout()
        heads.setContentsMargins(14, 0, 14, 0)
        heads.addWidget(self._title)
        heads.addStretch()
        heads.addWidget(self._count)
        said = QHBoxLayout()
        said.setContentsMargins(14, 0, 14, 0)
        said.addWidget(self.reason)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(9)
        column.addLayout(heads)
        column.addLayout(said)
        column.addWidget(self.area, 1)
        column.addStretch(0)


def no_spots(saliency: SaliencyMap | None) -> str:
    """Why there is nothing to judge."""
    if saliency is None:
        return "No map was made for this finding."
    if saliency.status is MapStatus.EMPTY:
        return "No positive evidence anywhere: the map is empty, and there is nothing to judge."
    if saliency.status is MapStatus.FAILED:
        return f"There is no map: {saliency.reason or 'the method failed'}."
    return "No region of the map stands out."
