package dev.sluice.bench.report;

import de.erichseifert.vectorgraphics2d.Document;
import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import de.erichseifert.vectorgraphics2d.svg.SVGProcessor;
import de.erichseifert.vectorgraphics2d.util.PageSize;
import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.awt.Rectangle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.StandardChartTheme;
import org.jfree.chart.plot.DefaultDrawingSupplier;
import org.jfree.chart.text.TextUtils;

/** What all charts look like. */
final class Drawing {
    static final Color OURS = new Color(0x1B6CA8);
    static final Color THEIRS = new Color(0xA9B4BE);

    private static final StandardChartTheme THEME = theme();

    private Drawing() {}

    static String svg(JFreeChart chart, int width, int height) {
        THEME.apply(chart);
        // Otherwise what stands upright is drawn as shapes, and no text.
        TextUtils.setUseDrawRotatedStringWorkaround(false);
        var graphics = new VectorGraphics2D();
        chart.draw(graphics, new Rectangle(width, height));
        Document document = new SVGProcessor().getDocument(graphics.getCommands(), new PageSize(width, height));
        var bytes = new ByteArrayOutputStream();
        try {
            document.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static StandardChartTheme theme() {
        var theme = new StandardChartTheme("plain");
        theme.setPlotBackgroundPaint(Color.WHITE);
        theme.setChartBackgroundPaint(Color.WHITE);
        theme.setDomainGridlinePaint(Color.LIGHT_GRAY);
        theme.setRangeGridlinePaint(Color.LIGHT_GRAY);
        theme.setShadowVisible(false);
        theme.setExtraLargeFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
        theme.setLargeFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        theme.setRegularFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        theme.setDrawingSupplier(new DefaultDrawingSupplier(
                new Paint[] {OURS, THEIRS},
                DefaultDrawingSupplier.DEFAULT_OUTLINE_PAINT_SEQUENCE,
                DefaultDrawingSupplier.DEFAULT_STROKE_SEQUENCE,
                DefaultDrawingSupplier.DEFAULT_OUTLINE_STROKE_SEQUENCE,
                DefaultDrawingSupplier.DEFAULT_SHAPE_SEQUENCE));
        return theme;
    }
}
